import pLimit from "p-limit";
import type { IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import type { JobRegistry } from "./job-registry.ts";
import type { OutcomePoller } from "./outcome-poller.ts";
import type { UnawaitedFailures } from "./unawaited-failures.ts";

/**
 * Maximum number of jobs to poll concurrently, and of tasks to poll in total. A client that closes polls only to report
 * failures, so it must not read much.
 */
const CONCURRENT_JOBS = 16;
const MAX_TASKS = 10_000;

interface FinalPollPorts {
  jobs: JobRegistry;
  poller: OutcomePoller;
  unawaited: UnawaitedFailures;
}

/** One job's tasks that have no outcome yet, as far as this client knows. */
export interface Outstanding {
  job: string;
  ranges: IndexRange[];
}

/** Polls once for tasks without an outcome, so that their failures are recorded. Never rejects. */
export async function finalPoll(
  outstanding: readonly Outstanding[],
  { jobs, poller, unawaited }: FinalPollPorts,
): Promise<void> {
  const limit = pLimit(CONCURRENT_JOBS);
  const polls: Promise<void>[] = [];
  let tasks = 0;
  for (const { job, ranges } of outstanding) {
    tasks += ranges.reduce((sum, [from, to]) => sum + to - from, 0);
    if (tasks > MAX_TASKS) break;
    const waiters = jobs.known(job)?.waiters;
    const isWanted = (task: number) => waiters?.wants(task, task + 1) || unawaited.isHeard(job, task);
    const unheard = ranges.flatMap(([from, to]) => {
      const own = Array.from({ length: to - from }, (_, at) => from + at).filter((task) => !isWanted(task));
      return own.length > 0 ? [[own[0] ?? from, (own.at(-1) ?? from) + 1] as const] : [];
    });
    const [first, last] = [unheard[0], unheard.at(-1)];
    if (first === undefined || last === undefined) continue;
    const poll = async () => {
      const outcomes = await jobs.find(job);
      if (outcomes) await poller.pollOnce(outcomes, first[0], last[1]);
    };
    polls.push(limit(poll).catch(() => {}));
  }
  await Promise.all(polls);
}
