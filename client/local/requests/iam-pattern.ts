/**
 * Whether a text matches an IAM pattern: `*` is any text, `?` is any one character. Takes at most as many steps as the
 * product of both lengths: after a mismatch only the last `*` is extended.
 */
export function matchesIamPattern(text: string, pattern: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let end = 0;
  while (at < text.length) {
    if (pattern[place] === "*") {
      star = place++;
      end = at;
    } else if (pattern[place] === "?" || pattern[place] === text[at]) {
      at++;
      place++;
    } else if (star >= 0) {
      at = ++end;
      place = star + 1;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(place));
}
