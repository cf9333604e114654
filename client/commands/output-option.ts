import { Option } from "commander";
import { printable } from "./printable.ts";

/** `-o json`: the result as one JSON value, for programs. */
export function outputOption(): Option {
  return new Option("-o, --output <form>", "form of what is printed").choices(["text", "json"]).default("text");
}

/** Prints a command's result in the form asked for. On a terminal it does nothing but appear. */
export function show(form: "text" | "json", result: unknown, lines: () => string[]): void {
  const text = form === "json" ? JSON.stringify(result) : lines().join("\n");
  console.log(process.stdout.isTTY ? printable(text) : text);
}
