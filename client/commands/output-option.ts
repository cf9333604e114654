import { Option } from "commander";
import { terminal } from "./terminal.ts";

/** `-o json`: the result as one JSON value, for programs. */
export function outputOption(): Option {
  return new Option("-o, --output <format>", "output format").choices(["text", "json"]).default("text");
}

/** Prints a command's result in the form asked for. */
export function show(form: "text" | "json", result: unknown, lines: () => string[]): void {
  const text = form === "json" ? JSON.stringify(result) : lines().join("\n");
  terminal.out(`${text}\n`);
}
