import type { Edit } from "./edited-simulation.ts";

/** An edit that removes a safeguard from the scheduler's source. */
export interface PlantedEdit extends Edit {
  name: string;
}

const CORE = "lambdas/core";
const PLACING = "lambdas/scheduler/placing";
const ROWS = "lambdas/scheduler/rows";
const MESSAGES = "lambdas/scheduler/messages";

/** Each removes a condition, a write, a second check or the order of two steps. */
export const PLANTED_EDITS: readonly PlantedEdit[] = [
  {
    name: "timeoutMs does not apply to claims",
    file: `${PLACING}/claim-entry.ts`,
    from: "if (timeoutMs && now >= entry.queued + timeoutMs)",
    to: "if (timeoutMs && now >= entry.queued + timeoutMs + 1e9)",
  },
  {
    name: "deadlineMs does not apply to claims",
    file: `${PLACING}/claim-entry.ts`,
    from: "deadline !== undefined && now >= deadline",
    to: "deadline !== undefined && now >= deadline + 1e9",
  },
  {
    name: "retries ignore their backoff",
    file: `${CORE}/retry.ts`,
    from: "flags.backoff ? now + backoffMs(flags.backoff, attempt, random) : undefined",
    to: "undefined",
  },
  {
    name: "a session counts as over five seconds before the timeout of its invocation",
    file: `${ROWS}/bound-session.ts`,
    from: "timeoutMs + OVER_SLACK_MS",
    to: "timeoutMs - 5000",
  },
  {
    name: "a retry may return to its engine",
    file: `${CORE}/placing/choose-engine.ts`,
    from: "return others.length > 0 ? others : open;",
    to: "return open;",
  },
  {
    name: "a long job is closed one outcome early",
    file: `${CORE}/reconcile.ts`,
    from: "complete: ended.length === facts.tasks",
    to: "complete: ended.length >= facts.tasks - (facts.tasks > 40 ? 1 : 0)",
  },
  {
    name: "a queued task may run in a pool that lacks its module",
    file: `${CORE}/settle.ts`,
    from: "queueAfter(lease.queue, page, entry)",
    to: "lease.queue",
  },
  {
    name: "tasks of a revoked lease are not queued again",
    file: `${CORE}/settle.ts`,
    from: "if (left.length > 0) {",
    to: "if (left.length > 0 && !page.revoked) {",
  },
  {
    name: "one retry too many",
    file: `${CORE}/retry.ts`,
    from: "attempt > (flags.retries ?? 0)",
    to: "attempt > (flags.retries ?? 0) + 1",
  },
  {
    name: "requeued tasks keep their hop",
    file: `${CORE}/claimed-work.ts`,
    from: "hop: lease.hop + 1, atMost",
    to: "hop: lease.hop, atMost",
  },
  {
    name: "a failure record of any session revokes the current one",
    file: `${MESSAGES}/on-failure.ts`,
    from: "if (engine?.session?.id !== session) return;",
    to: "if (!engine?.session) return;",
  },
  {
    name: "recalled tasks are claimed from their old queue entries",
    file: `${PLACING}/claim-entry.ts`,
    from: "return gone.length === 0 ? ranges :",
    to: "return gone.length >= 0 ? ranges :",
  },
  {
    name: "one look finds a session silent",
    file: `${CORE}/silence.ts`,
    from: 'if (heard === undefined || now - heard <= BEAT_MS + SLACK_MS) return "none";',
    to: 'if (heard === undefined || now - heard <= BEAT_MS / 2) return "none"; if (now - heard > BEAT_MS / 2) return "silent";',
  },
  {
    name: "a revoked engine is freed before its tasks are queued",
    file: `${PLACING}/revoke-session.ts`,
    from: "if (rows.length > 0) await cluster.store.write(rows);",
    to: "",
  },
  {
    name: "tasks that returned to waiting are never released again",
    file: `${CORE}/releases.ts`,
    from: "if (this.#returned.size === 0) return left;",
    to: "return left;",
  },
  {
    name: "aborted tasks of requeued batches run",
    file: `${PLACING}/claim-entry.ts`,
    from: "if (aborted.length === 0) return ranges;",
    to: "if (aborted.length >= 0) return ranges;",
  },
  {
    name: "one scan proves a loss",
    file: `${PLACING}/reconcile-job.ts`,
    from: "const late = isAlone ? found.missing : missingSince(missing, now - lostAfterMs);",
    to: "const late = found.missing;",
  },
];
