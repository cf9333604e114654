/** Matches comments, strings and regular expressions, which contain no code, except interpolations of templates. */
const TEXTS =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|\$\{[^}]*\}|[^`\\])*`|(?<=[(,=:[!&|?{};]\s*|\breturn\s+)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[dgimsuvy]*/g;

/** Matches clauses that rename imports or exports. */
const RENAMING = /^\s*(?:import|export)\b(?:\s+type\b)?\s*(?:\w+\s*,\s*)?(?:\{[^}]*\}|\*\s*as\s+\w+)/gm;

/** Matches a cast. `as const` is none, nor is the `as` in a mapped type, which renames keys. */
const CAST = /(?<!\bin\s+(?:keyof\s+)?[\w.]+(?:<[^<>]*>)?\s+)\bas\s+(?!const\b)/g;

/** Returns the lines of a module that contain casts, with line numbers. A line with two casts is listed twice. */
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
