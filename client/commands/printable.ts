/**
 * Makes text safe to print on a terminal.
 *
 * Escapes control characters except tab and newline, and invisible characters that reorder, hide or join text:
 * direction marks, zero-width characters, lone surrogates. Anyone who can submit a task controls labels, errors and
 * logs, and a terminal would act on such characters.
 */
export function printable(text: string): string {
  return text.replace(/(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, codes);
}

/** Formats text as a table cell, on one line and in one column. */
export function cell(text: string): string {
  return printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

/**
 * Escapes a character as JavaScript does: below U+0020 in the form `\x1b`, any other in the form `\u202e`. Only the
 * second form is valid in JSON, and JSON output contains nothing below U+0020 but newlines.
 */
function codes(character: string): string {
  const units = [...Array(character.length).keys()].map((at) => character.charCodeAt(at));
  return units.map((unit) => (unit < 0x20 ? `\\x${hex(unit, 2)}` : `\\u${hex(unit, 4)}`)).join("");
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
