import type { Edit } from "./edited-simulation.ts";

/** An edit that removes a safeguard from the scheduler's source. */
export interface PlantedEdit extends Edit {
  name: string;
}

const CORE = "lambdas/core";
const PLACING = "lambdas/scheduler/placing";
const ROWS = "lambdas/scheduler/rows";
const MESSAGES = "lambdas/scheduler/messages";
const WAITING = "lambdas/scheduler/waiting";

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
  {
    name: "two schedulers release the same tasks",
    file: `${WAITING}/release-groups.ts`,
    from: "const gone = wanted.flatMap((range) => withoutRanges(before.waiting(range), after.waiting(range)));",
    to: "const gone = wanted;",
  },
  {
    name: "ledgers lack the pages that were written before them",
    file: `${WAITING}/examine-waits.ts`,
    from: "if (share.bucket === bucket) {",
    to: "if (share.bucket === -1) {",
  },
  {
    name: "a dependency on all is met although one has the wrong outcome",
    file: `${CORE}/dependency-state.ts`,
    from: "if (all) return wrong;",
    to: "",
  },
  {
    name: "a dependency on all is met before the last has ended",
    file: `${CORE}/dependency-state.ts`,
    from: "  if (isWaiting) return WAITING;\n  if (all || !wrong) return MET;",
    to: "  if (all || !wrong) return MET;\n  if (isWaiting) return WAITING;",
  },
  {
    name: "aborted tasks ahead of the cursor run",
    file: `${PLACING}/claim-entry.ts`,
    from: "if (ahead.length === 0) return ranges;",
    to: "if (ahead.length >= 0) return ranges;",
  },
  {
    name: "retries with a backoff are queued at once",
    file: `${CORE}/settle.ts`,
    from: "requeued.push({ due, entry: {",
    to: "requeued.push({ due: undefined, entry: {",
  },
  {
    name: "all tasks of a lost lease spend an attempt",
    file: `${CORE}/settle.ts`,
    from: '(blame !== "all" && tasks !== 1)',
    to: '(blame !== "all" && tasks < 1)',
  },
  {
    name: "a recall voids its own tasks",
    file: `${CORE}/recall.ts`,
    from: "hop < hopOfRecall(recall)",
    to: "hop <= hopOfRecall(recall)",
  },
  {
    name: "the tasks that a report requeued are not placed",
    file: `${MESSAGES}/report-steps/move-engine.ts`,
    from: "if (ready.length > 0) await place(",
    to: "if (ready.length > 1e9) await place(",
  },
  {
    name: "a submission holds a job's tasks although another put its row",
    file: `${MESSAGES}/submit-steps/put-job.ts`,
    from: "if (claimed && (!existing || existing.rev === rev))",
    to: "if (claimed)",
  },
  {
    name: "a dependency takes failures for successes",
    file: `${CORE}/dependency-state.ts`,
    from: 'const isRight = ended.status === "ok" ? success : failure;',
    to: "const isRight = success;",
  },
  {
    name: "a refusal counts as an attempt",
    file: `${CORE}/settle.ts`,
    from: 'entry.status !== "unmet" && entry.up === undefined',
    to: "entry.up === undefined",
  },
  {
    name: "expired tasks of a queue are never ended",
    file: `${PLACING}/claim-entry.ts`,
    from: "if (end && kept.length > 0) {",
    to: "if (end && kept.length > 1e9) {",
  },
];
