import { type OutputSoFar, outputRow } from "../../lambdas/protocol/output-so-far.ts";
import { bucketOf, bucketPartition, liveOutputsBetween } from "../../lambdas/protocol/rows.ts";
import { BUCKET_TASKS } from "../../lambdas/protocol/spec-page.ts";
import type { CloudPort } from "../cluster/cloud-port.ts";
import type { WaitOptions } from "../flags/wait-options.ts";
import type { ResultPart } from "../outcomes/result-part.ts";
import { OutputPrinter, type OutputTargets } from "./output-printer.ts";
import type { ResultItems } from "./result-items.ts";
import { type Waiting, waitForTasks } from "./task-wait.ts";

/** Pause between two reads of running tasks' output, in milliseconds. Engines report output once a second. */
const POLL_MS = 500;

type Rows = Pick<CloudPort, "listRows">;

/** The parts of a client that read the output of running tasks. */
export interface Streaming extends Waiting {
  cloud: Rows;
}

/**
 * Writes the output of tasks while they run, until all have finished. The output of a finished task is written in full.
 *
 * @param labeled whether each line is prefixed with the number of its item
 * @returns whether all finished in time
 */
export async function streamOutput(
  ports: Streaming,
  items: ResultItems,
  labeled: boolean,
  { stdout = process.stdout, stderr = process.stderr, ...options }: WaitOptions & Partial<OutputTargets>,
): Promise<boolean> {
  const printer = new OutputPrinter({ stdout, stderr });
  const label = ({ outcomes }: ResultPart, task: number) =>
    labeled ? `[${items.positionOf(outcomes, task)}] ` : undefined;
  const ended = new Map(items.parts.map((part) => [part, new Set<number>()]));
  const printEnded = () => {
    for (const [part, printed] of ended)
      for (let task = part.from; task < part.to; task++) {
        if (printed.has(task) || !part.outcomes.isFinal(task)) continue;
        printed.add(task);
        const { attempt = 1, stdout: out = "", stderr: err = "" } = part.outcomes.final(task) ?? {};
        printer.print(part.outcomes, task, { attempt, stdout: out, stderr: err }, label(part, task), true);
      }
  };
  let isOver = false;
  let wake = () => {};
  const releases = items.parts.map(({ outcomes }) => ports.poller.watch(outcomes, true));
  // If the output cannot be read, end the wait for the tasks too.
  const broken = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, broken.signal]) : broken.signal;
  const waiting = waitForTasks(ports, items.parts, { ...options, signal }).finally(() => {
    isOver = true;
    wake();
  });
  waiting.catch(() => {});
  try {
    while (!isOver) {
      for (const part of items.parts)
        for (const [task, output] of await running(ports.cloud, part))
          if (!part.outcomes.isFinal(task)) printer.print(part.outcomes, task, output, label(part, task), false);
      printEnded();
      if (isOver) break;
      await new Promise<void>((resolve) => {
        const cancel = ports.clock.after(POLL_MS, resolve);
        wake = () => {
          cancel();
          resolve();
        };
      });
    }
    return await waiting;
  } finally {
    broken.abort();
    for (const release of releases) release();
    printEnded();
  }
}

/** Reads the output so far of the part's running tasks, by task index, as of their engines' last reports. */
async function running(cloud: Rows, { outcomes, from, to }: ResultPart): Promise<[number, OutputSoFar][]> {
  await outcomes.submitted;
  const found: [number, OutputSoFar][] = [];
  for (let bucket = bucketOf(from); bucket * BUCKET_TASKS < to; bucket++) {
    const first = Math.max(from, bucket * BUCKET_TASKS);
    const past = Math.min(to, (bucket + 1) * BUCKET_TASKS);
    if (outcomes.missingBetween(first, past) === 0) continue;
    const rows = await cloud.listRows(bucketPartition(outcomes.job, bucket), liveOutputsBetween(first, past));
    for (const row of rows) found.push([Number(row.sk.slice(2)), outputRow.parse(row)]);
  }
  return found;
}
