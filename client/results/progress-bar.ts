import type { Clock } from "../cluster/clock.ts";
import type { TextOutput } from "./output-printer.ts";
import { detailTexts, progressText } from "./progress-text.ts";
import type { ResultItems } from "./result-items.ts";
import { type ProgressPorts, ResultProgress } from "./result-progress.ts";
import { type TaskWait, type Waiting, waitForTasks } from "./task-wait.ts";

/**
 * Where progress is shown: a terminal, or any other destination for text.
 *
 * @example
 * const output: AsyncResult.ProgressOutput = { write: (text) => log.push(text) };
 * await result.waitInteractive({ output });
 */
export type ProgressOutput = TextOutput & {
  /** Whether it is a terminal, which gets a bar instead of lines. Default: false. */
  isTTY?: boolean | undefined;
};

const BAR_INTERVAL_MS = 250;
/** The time between two lines: a tenth of the time that the wait has taken so far, within these limits. */
const LINE_MS = { least: 5000, most: 60_000 };

/** Waits for tasks like `waitForTasks` and shows progress meanwhile. */
export async function waitInteractive(
  waiting: Waiting & ProgressPorts,
  items: ResultItems,
  wait: TaskWait,
  output: ProgressOutput = process.stderr,
): Promise<boolean> {
  if (process.env.NO_PROGRESS) return waitForTasks(waiting, items.parts, wait);
  // Write lines to the log of a CI run, even if the log claims to be a terminal.
  const isLive = output.isTTY === true && !process.env.CI;
  const { clock } = waiting;
  const progress = new ResultProgress(items, waiting);
  const finish = isLive ? await drawBar(progress, clock, output) : writeLines(progress, clock, output);
  // The bar needs outcomes as they arrive. Lines are 5 seconds or more apart, so for them the usual polls are enough.
  const releases = items.parts.map(({ outcomes }) => waiting.poller.watch(outcomes, isLive));
  try {
    return await waitForTasks(waiting, items.parts, wait);
  } finally {
    for (const release of releases) release();
    finish();
    progress.end();
  }
}

/** Draws a bar until the returned function is called. */
async function drawBar(progress: ResultProgress, clock: Clock, output: ProgressOutput): Promise<() => void> {
  // Load the package on demand: most results are awaited without a bar.
  const { default: cliProgress } = await import("cli-progress");
  const bar = new cliProgress.SingleBar(
    {
      format: "{bar} {percentage}% | {value}/{total} | {duration_formatted}{details}",
      // The package expects a stream. An output with `isTTY` is taken to be one.
      stream: output as NodeJS.WritableStream,
      hideCursor: true,
    },
    cliProgress.Presets.shades_classic,
  );
  const details = () => ({
    details: detailTexts(progress.now())
      .map((text) => ` | ${text}`)
      .join(""),
  });
  const { done, total } = progress.now();
  bar.start(total, done, details());
  const update = () => bar.update(progress.now().done, details());
  const stop = every(() => BAR_INTERVAL_MS, clock, update);
  return () => {
    stop();
    update();
    bar.stop();
  };
}

/** Writes a line when something has changed, until the returned function is called. */
function writeLines(progress: ResultProgress, clock: Clock, output: ProgressOutput): () => void {
  const since = clock.now();
  let written = "";
  const write = () => {
    const now = progress.now();
    const counts = `${now.done} ${now.failed} ${now.retries}`;
    if (counts === written) return;
    written = counts;
    output.write(`${progressText(now, clock.now() - since)}\n`);
  };
  const interval = () => Math.min(LINE_MS.most, Math.max(LINE_MS.least, (clock.now() - since) / 10));
  const stop = every(interval, clock, write);
  return () => {
    stop();
    write();
  };
}

function every(ms: () => number, clock: Clock, callback: () => void): () => void {
  let cancel = () => {};
  const again = () => {
    cancel = clock.after(ms(), () => {
      callback();
      again();
    });
  };
  again();
  return () => cancel();
}
