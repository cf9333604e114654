/** The part of a timeline that is visible, from one time to another. */
export interface ViewWindow {
  from: number;
  to: number;
}

/** The shortest visible time: a twentieth of a millisecond. */
const SHORTEST = 5;

/** Room after the last event, as a part of the timeline's length. */
const MARGIN = 0.01;

/** The window that shows all of a timeline. */
export function wholeWindow(span: number): ViewWindow {
  return { from: 0, to: Math.max(SHORTEST, span * (1 + MARGIN)) };
}

/**
 * Zooms around the time `at`, which keeps its place. A factor above 1 zooms in. The window stays within the timeline.
 */
export function zoomed({ from, to }: ViewWindow, factor: number, at: number, span: number): ViewWindow {
  const whole = wholeWindow(span);
  const length = Math.min(whole.to, Math.max(SHORTEST, (to - from) / factor));
  const part = (at - from) / (to - from);
  return within({ from: at - part * length, to: at + (1 - part) * length }, whole.to);
}

/** Moves the window by a time, within the timeline. */
export function moved({ from, to }: ViewWindow, by: number, span: number): ViewWindow {
  return within({ from: from + by, to: to + by }, wholeWindow(span).to);
}

/** Moves the window, if necessary, so that it shows the time. */
export function showing({ from, to }: ViewWindow, start: number, end: number, span: number): ViewWindow {
  const length = to - from;
  if (start >= from && end <= to) return { from, to };
  const middle = end - start > length ? start + length / 2 : (start + end) / 2;
  return within({ from: middle - length / 2, to: middle + length / 2 }, wholeWindow(span).to);
}

function within({ from, to }: ViewWindow, end: number): ViewWindow {
  const shift = from < 0 ? -from : Math.min(0, end - to);
  return { from: Math.max(0, from + shift), to: to + shift };
}
