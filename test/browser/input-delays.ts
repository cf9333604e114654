import type { Page } from "playwright-core";

/** The script that records how long inputs take. The browser's own event timing leaves out moves and the wheel. */
const RECORD = `
  globalThis.delays = [];
  for (const type of ["keydown", "pointermove", "pointerup", "wheel", "click", "change"])
    addEventListener(type, ({ timeStamp }) => requestAnimationFrame(() => {
      // The message arrives once the frame is drawn.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => delays.push(performance.now() - timeStamp);
      port2.postMessage("");
    }), { capture: true, passive: true });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) delays.push(duration);
  }).observe({ type: "event", durationThreshold: 16 });
`;

/**
 * A 95th percentile, in milliseconds, that only a page has which does work in proportion to its rows at each input. The
 * target of 100 ms is for a quiet machine: tests print the figure, and a busy machine may take longer.
 */
export const UNRESPONSIVE_MS = 1000;

/** Measures how long the page takes from each input to the next frame, from now on. Call it before the page is opened. */
export async function recordDelays(page: Page): Promise<void> {
  await page.addInitScript(RECORD);
}

/** Returns the number of inputs so far, and the 95th percentile of their delays in milliseconds. */
export async function delaysOf(page: Page): Promise<{ count: number; p95: number }> {
  const delays = await page.evaluate<number[]>("delays.sort((a, b) => a - b)");
  return { count: delays.length, p95: delays[Math.ceil(delays.length * 0.95) - 1] ?? 0 };
}
