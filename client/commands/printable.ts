/**
 * Text as a terminal may get it. As their codes are shown: control characters, but for tabs and line ends, and whatever is not seen but turns, hides
 * or joins what is: marks of direction, of no width, and halves of characters. Labels, errors and logs are anybody's who may submit a task,
 * and what a terminal is told by such characters is done by it.
 */
export function printable(text: string): string {
  return text.replace(/(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, codes);
}

/** Text as a table's cell: on one line, in one column. */
export function cell(text: string): string {
  return printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}

/** As both JavaScript and JSON write them; of ASCII's own the short form, which JSON escapes itself before it comes here. */
function codes(character: string): string {
  const units = [...Array(character.length).keys()].map((at) => character.charCodeAt(at));
  return units.map((unit) => (unit < 0x20 ? `\\x${hex(unit, 2)}` : `\\u${hex(unit, 4)}`)).join("");
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
