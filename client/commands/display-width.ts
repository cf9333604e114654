import stringWidth from "string-width";

const GRAPHEMES = new Intl.Segmenter();

/** The number of columns that text takes on a terminal: wide characters, such as Chinese ones, take two. */
export function displayWidth(text: string): number {
  return stringWidth(text);
}

/** Pads text with spaces to a width. */
export function padded(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** Cuts text to a width. Text that was cut ends with an ellipsis. */
export function shortened(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let kept = "";
  let used = 1;
  for (const { segment } of GRAPHEMES.segment(text)) {
    used += displayWidth(segment);
    if (used > width) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}
