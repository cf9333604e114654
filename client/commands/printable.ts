/**
 * Text as a terminal may get it: control characters, but for tabs and line ends, as their codes. Labels, errors and logs are anybody's who may
 * submit a task, and what a terminal is told by such characters is done by it.
 */
export function printable(text: string): string {
  return text.replace(/(?![\t\n])\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
