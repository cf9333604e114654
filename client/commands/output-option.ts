import { Option } from "commander";
import { terminal } from "./terminal.ts";

/** The `--output` option: text, or the result as one JSON value. */
export function outputOption(): Option {
  return new Option("-o, --output <format>", "output format").choices(["text", "json"]).default("text");
}

/** Prints a command's result in the chosen format. */
export function show(form: "text" | "json", result: unknown, lines: () => string[]): void {
  const text = form === "json" ? JSON.stringify(result) : lines().join("\n");
  terminal.out(`${text}\n`);
}
