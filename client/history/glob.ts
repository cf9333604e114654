/** One place of a pattern: any text, any character, or one of some characters or none of them. */
type Place = "text" | "character" | { among: readonly (readonly [from: string, to: string])[]; isIn: boolean };

/**
 * Whether a text matches a pattern, as Python's `fnmatch` sees it: `*` is any text, `?` one character, `[ab]` and `[a-z]` one of these,
 * `[!ab]` one other than these; all else stands for itself, as does a `[` that nothing closes.
 *
 * Takes at most as many steps as the lengths of both multiplied: after a mismatch only the last `*` is made longer, since what the ones
 * before it took can stay.
 */
export function matchesGlob(text: string, pattern: string): boolean {
  const characters = [...text];
  const places = placesOf([...pattern]);
  let at = 0;
  let place = 0;
  /** The last `*`, and where the text that it stands for ends. */
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

function fits(character: string, place: Exclude<Place, "text">): boolean {
  if (place === "character") return true;
  const point = character.codePointAt(0) ?? 0;
  const isAmong = place.among.some(
    ([from, to]) => point >= (from.codePointAt(0) ?? 0) && point <= (to.codePointAt(0) ?? 0),
  );
  return isAmong === place.isIn;
}

function placesOf(pattern: readonly string[]): Place[] {
  const places: Place[] = [];
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

/** Where the bracket that opens at `open` is closed. One that comes first, also after `!`, is of the set. */
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
