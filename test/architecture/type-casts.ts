/** Comments, strings and regular expressions: whatever they say is no code. Of templates, what they interpolate is. */
const TEXTS =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|\$\{[^}]*\}|[^`\\])*`|(?<=[(,=:[!&|?{};]\s*|\breturn\s+)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[dgimsuvy]*/g;

/** Clauses that rename what they import or export. */
const RENAMING = /^\s*(?:import|export)\b(?:\s+type\b)?\s*(?:\w+\s*,\s*)?(?:\{[^}]*\}|\*\s*as\s+\w+)/gm;

/** A type that is claimed of a value. `as const` claims none, and the `as` of a mapped type renames its keys. */
const CAST = /(?<!\bin\s+(?:keyof\s+)?[\w.]+(?:<[^<>]*>)?\s+)\bas\s+(?!const\b)/g;

/** The lines of a module with a cast, each with its number; one with two is listed twice. */
export function castsIn(text: string): string[] {
  const code = text.replace(TEXTS, (found) => {
    const interpolated = found.startsWith("`")
      ? Array.from(found.matchAll(/\$\{([^}]*)\}/g), ([, value]) => value)
      : [];
    return interpolated.join(" + ") + found.replace(/[^\n]/g, "");
  });
  const blank = code.replace(RENAMING, (clause) => clause.replace(/[^\n]/g, ""));
  return Array.from(blank.matchAll(CAST), ({ index }) => {
    const line = blank.slice(0, index).split("\n").length;
    return `${line}: ${(text.split("\n")[line - 1] ?? "").trim()}`;
  });
}
