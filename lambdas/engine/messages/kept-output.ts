/** Maximum number of characters to keep of each stream of a task. */
export const OUTPUT_CHARS = 16 * 1024;

/** The note appended to output from which characters were dropped. */
export function dropNote(dropped: number): string {
  return dropped > 0 ? `\n[fantail: ${dropped} more characters were not kept]\n` : "";
}
