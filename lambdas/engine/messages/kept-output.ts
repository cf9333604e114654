/** At most this many characters of each stream of a task are kept. */
export const OUTPUT_CHARS = 16 * 1024;

/** The note that follows a text from which characters were dropped. */
export function dropNote(dropped: number): string {
  return dropped > 0 ? `\n[fantail: ${dropped} more characters were not kept]\n` : "";
}
