/**
 * Returns the offsets at which the lines of a text begin, and a function that gives the line and column of an offset.
 * All count from 0.
 */
export function linesOf(text: string): {
  starts: number[];
  position: (offset: number) => [line: number, column: number];
} {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  const position = (offset: number): [number, number] => {
    let [from, past] = [0, starts.length];
    while (from < past) {
      const middle = (from + past) >> 1;
      if ((starts[middle] ?? 0) <= offset) from = middle + 1;
      else past = middle;
    }
    return [from - 1, offset - (starts[from - 1] ?? 0)];
  };
  return { starts, position };
}
