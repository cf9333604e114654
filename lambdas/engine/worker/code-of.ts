/** The `code` of a thrown value; undefined for one without, or one whose getter throws. */
export function codeOf(thrown: unknown): unknown {
  try {
    return typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  } catch {
    return undefined;
  }
}
