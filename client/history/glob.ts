/**
 * One element of a pattern: any text (`*`), any character (`?`), or a character that is in (or, with `!`, not in) a set
 * of ranges.
 */
type Piece = "text" | "character" | { among: readonly (readonly [from: string, to: string])[]; isIn: boolean };

/**
 * Whether a text matches a pattern with the rules of Python's `fnmatch`: `*` matches any text, `?` one character,
 * `[ab]` and `[a-z]` one of these, `[!ab]` one other than these. Any other character matches itself, including an
 * unclosed `[`.
 *
 * Takes at most as many steps as the product of both lengths. After a mismatch only the last `*` is extended, because
 * the matches of earlier ones can stay.
 */
export function matchesGlob(text: string, pattern: string): boolean {
  const characters = [...text];
  const places = placesOf([...pattern]);
  let at = 0;
  let place = 0;
  /** Index of the last `*` in the pattern, and the end of the text that it matches so far. */
  let star = -1;
  let end = 0;
  while (at < characters.length) {
    const wanted = places[place];
    if (wanted === "text") {
      star = place++;
      end = at;
    } else if (wanted !== undefined && fits(characters[at] ?? "", wanted)) {
      at++;
      place++;
    } else if (star >= 0) {
      at = ++end;
      place = star + 1;
    } else return false;
  }
  return places.slice(place).every((left) => left === "text");
}

function fits(character: string, place: Exclude<Piece, "text">): boolean {
  if (place === "character") return true;
  const point = character.codePointAt(0) ?? 0;
  const isAmong = place.among.some(
    ([from, to]) => point >= (from.codePointAt(0) ?? 0) && point <= (to.codePointAt(0) ?? 0),
  );
  return isAmong === place.isIn;
}

function placesOf(pattern: readonly string[]): Piece[] {
  const places: Piece[] = [];
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern[at] ?? "";
    const closing = character === "[" ? closingOf(pattern, at) : -1;
    if (character === "*") places.push("text");
    else if (character === "?") places.push("character");
    else if (closing < 0) places.push({ among: [[character, character]], isIn: true });
    else {
      const isIn = pattern[at + 1] !== "!";
      places.push({ among: rangesOf(pattern.slice(isIn ? at + 1 : at + 2, closing)), isIn });
      at = closing;
    }
  }
  return places;
}

/**
 * Index of the bracket that closes the set that begins at `open`. A closing bracket that is the set's first character,
 * or the first after `!`, belongs to the set.
 */
function closingOf(pattern: readonly string[], open: number): number {
  const first = open + (pattern[open + 1] === "!" ? 2 : 1);
  return pattern.indexOf("]", first + 1);
}

function rangesOf(set: readonly string[]): [from: string, to: string][] {
  const ranges: [string, string][] = [];
  for (let at = 0; at < set.length; at++) {
    const from = set[at] ?? "";
    const to = set[at + 1] === "-" ? set[at + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) at += 2;
  }
  return ranges;
}
