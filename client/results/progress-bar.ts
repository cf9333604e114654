import type { Clock } from "../cluster/clock.ts";
import type { TextOutput } from "./output-printer.ts";
import type { ResultItems } from "./result-items.ts";
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

const BAR_INTERVAL_MS = 100;
const LINE_INTERVAL_MS = 5000;

/** Waits for tasks like `waitForTasks`, and shows progress meanwhile. */
export async function waitInteractive(
  waiting: Waiting,
  items: ResultItems,
  wait: TaskWait,
  output: ProgressOutput | undefined,
): Promise<boolean> {
  const finish = await drawProgress(() => items.endedCount, items.count, waiting.clock, output);
  const releases = items.parts.map(({ outcomes }) => waiting.poller.watch(outcomes, true));
  try {
    return await waitForTasks(waiting, items.parts, wait);
  } finally {
    for (const release of releases) release();
    finish();
  }
}

/**
 * Shows a result's progress until the returned function is called: a bar on a terminal, otherwise a line every five
 * seconds if something changed.
 */
async function drawProgress(
  done: () => number,
  total: number,
  clock: Clock,
  output: ProgressOutput = process.stderr,
): Promise<() => void> {
  return output.isTTY ? drawBar(done, total, clock, output) : writeLines(done, total, clock, output);
}

async function drawBar(done: () => number, total: number, clock: Clock, output: ProgressOutput): Promise<() => void> {
  // Load the package on demand: most results are awaited without a bar.
  const { default: cliProgress } = await import("cli-progress");
  const bar = new cliProgress.SingleBar(
    {
      format: "{bar} {percentage}% | {value}/{total} | {duration_formatted} | {eta_formatted} left",
      // An output that is a terminal is a writable stream.
      stream: output as NodeJS.WritableStream,
      hideCursor: true,
    },
    cliProgress.Presets.shades_classic,
  );
  bar.start(total, done());
  const stop = every(BAR_INTERVAL_MS, clock, () => bar.update(done()));
  return () => {
    stop();
    bar.update(done());
    bar.stop();
  };
}

function writeLines(done: () => number, total: number, clock: Clock, output: ProgressOutput): () => void {
  const since = clock.now();
  let written = -1;
  const write = () => {
    const now = done();
    if (now === written) return;
    written = now;
    output.write(`${now}/${total} after ${((clock.now() - since) / 1000).toFixed(1)} s\n`);
  };
  const stop = every(LINE_INTERVAL_MS, clock, write);
  return () => {
    stop();
    write();
  };
}

function every(ms: number, clock: Clock, callback: () => void): () => void {
  let cancel = () => {};
  const again = () => {
    cancel = clock.after(ms, () => {
      callback();
      again();
    });
  };
  again();
  return () => cancel();
}
