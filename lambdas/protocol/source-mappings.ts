/** A segment of a line: where the text from this column on comes from. Text without a source was generated. */
export type Segment = readonly [column: number, source: number, line: number, sourceColumn: number] | readonly [number];

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]));

/** Decodes the `mappings` of a source map (ECMA-426) into the segments of each line. All numbers count from 0. */
export function decodeMappings(mappings: string): Segment[][] {
  let [source, line, sourceColumn] = [0, 0, 0];
  return mappings.split(";").map((text) => {
    let column = 0;
    const segments: Segment[] = [];
    for (const digits of text.split(",")) {
      if (digits === "") continue;
      const [byColumn = 0, ...more] = numbersIn(digits);
      column += byColumn;
      if (more.length < 3) {
        segments.push([column]);
        continue;
      }
      const [bySource = 0, byLine = 0, bySourceColumn = 0] = more;
      source += bySource;
      line += byLine;
      sourceColumn += bySourceColumn;
      segments.push([column, source, line, sourceColumn]);
    }
    return segments;
  });
}

/** The inverse of `decodeMappings`. The segments of a line must be sorted by column. */
export function encodeMappings(lines: readonly (readonly Segment[])[]): string {
  const before = [0, 0, 0];
  return lines
    .map((segments) => {
      let column = 0;
      return segments
        .map(([at, ...origin]) => {
          const digits = digitsOf(at - column);
          column = at;
          return digits + origin.map((value, part) => digitsOf(value - exchange(before, part, value))).join("");
        })
        .join(",");
    })
    .join(";");
}

/** Finds the segment that contains a column; undefined if the column comes before the first segment. */
export function segmentAt(segments: readonly Segment[], column: number): Segment | undefined {
  let [from, past] = [0, segments.length];
  while (from < past) {
    const middle = (from + past) >> 1;
    if ((segments[middle]?.[0] ?? 0) <= column) from = middle + 1;
    else past = middle;
  }
  return segments[from - 1];
}

function exchange(values: number[], at: number, value: number): number {
  const before = values[at] ?? 0;
  values[at] = value;
  return before;
}

/**
 * Encodes a number with five bits per digit, lowest first. The sixth bit says that more digits follow; the number's
 * lowest bit is its sign.
 */
function digitsOf(value: number): string {
  let rest = value < 0 ? (-value << 1) | 1 : value << 1;
  let digits = "";
  do {
    const more = rest > 31 ? 32 : 0;
    digits += DIGITS[(rest & 31) | more];
    rest >>>= 5;
  } while (rest > 0);
  return digits;
}

function numbersIn(digits: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const digit of digits) {
    const bits = VALUES.get(digit) ?? 0;
    value |= (bits & 31) << shift;
    shift += 5;
    if (bits & 32) continue;
    numbers.push(value & 1 ? -(value >>> 1) : value >>> 1);
    value = 0;
    shift = 0;
  }
  return numbers;
}
