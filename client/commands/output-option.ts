import { Option } from "commander";
import { type SafeLine, terminal } from "./terminal.ts";

/** The `--output` option: text, or the result as one JSON value. */
export function outputOption(): Option {
  return new Option("-o, --output <format>", "output format").choices(["text", "json"]).default("text");
}

/** Prints a command's result in the chosen format. */
export function show(form: "text" | "json", result: unknown, lines: () => (string | SafeLine)[]): void {
  if (form === "json") terminal.out(`${JSON.stringify(result)}\n`);
  else terminal.lines(lines());
}
