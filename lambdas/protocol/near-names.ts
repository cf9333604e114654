/** Maximum number of edits between similar names. */
const NEAR_EDITS = 2;

/** The names that are spelled almost like `name`, one of which was probably meant. */
export function nearNames(name: string, names: readonly string[]): string[] {
  return names.filter((known) => isNear(name, known));
}

/** Formats `; did you mean …?`; empty if no name is similar. */
export function guessOf(near: readonly string[]): string {
  return near.length > 0 ? `; did you mean ${near.join(" or ")}?` : "";
}

function isNear(name: string, known: string): boolean {
  const [a, b] = [name.toLowerCase(), known.toLowerCase()];
  const shorter = Math.min(a.length, b.length);
  if (shorter >= 3 && (a.startsWith(b) || b.startsWith(a))) return true;
  return Math.abs(a.length - b.length) <= NEAR_EDITS && edits(a, b) <= Math.min(NEAR_EDITS, shorter - 1);
}

/** The Levenshtein distance: the least number of characters to insert, delete or replace. Computed row by row. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
