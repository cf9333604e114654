/** The `code` of a thrown value; undefined if it has none, or if reading it throws. */
export function codeOf(thrown: unknown): unknown {
  try {
    return typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  } catch {
    return undefined;
  }
}
