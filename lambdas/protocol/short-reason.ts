/** Maximum length of a reason, in characters. Short, because rows with a reason are rewritten often. */
const REASON_CHARS = 300;

/** The first line of a failure's text, cut to 300 characters, for a row or a task's error. */
export function shortReason(failure: unknown): string {
  return (String(failure).split("\n")[0] ?? "").slice(0, REASON_CHARS);
}
