/** Formats a number with its noun: `1 engine`, `2 engines`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
