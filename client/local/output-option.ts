import { Option } from "commander";

/** `-o json`: the result as one JSON value, for programs. */
export function outputOption(): Option {
  return new Option("-o, --output <form>", "form of what is printed").choices(["text", "json"]).default("text");
}

/** Prints a command's result in the form asked for. */
export function show(form: "text" | "json", result: unknown, lines: () => string[]): void {
  console.log(form === "json" ? JSON.stringify(result) : lines().join("\n"));
}
