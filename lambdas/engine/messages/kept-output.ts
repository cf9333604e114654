/** Most characters kept of each of a task's streams. */
export const OUTPUT_CHARS = 16 * 1024;

/** What follows a text of which so many characters were dropped. */
export function dropNote(dropped: number): string {
  return dropped > 0 ? `\n[fantail: ${dropped} more characters were not kept]\n` : "";
}
