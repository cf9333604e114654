import { InvalidArgumentError } from "commander";

/** Returns a commander parser for whole numbers, `least` or more. */
export function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least)
      throw new InvalidArgumentError(`must be a whole number, ${least} or more`);
    return value;
  };
}

/** Parses `--hwm`, for commander. */
export function highWaterMark(text: string): number | "adaptive" {
  return text === "adaptive" ? text : wholeFrom(0)(text);
}
