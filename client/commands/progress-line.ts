import { terminal } from "./terminal.ts";

const INTERVAL_MS = 100;

/** On a terminal, shows a line with the seconds that work has taken so far, and removes it once the work has ended. */
export async function withProgressLine<T>(text: string, work: Promise<T>): Promise<T> {
  if (!terminal.isErrShown) return work;
  const since = Date.now();
  const draw = () => terminal.errLine(`${text} ${((Date.now() - since) / 1000).toFixed(1)} s`);
  draw();
  const drawing = setInterval(draw, INTERVAL_MS);
  try {
    return await work;
  } finally {
    clearInterval(drawing);
    terminal.errLine("");
  }
}
