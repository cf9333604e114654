import { isDeepStrictEqual } from "node:util";
import { engineLoad } from "../../lambdas/core/engine.ts";
import { jobStateOf } from "../../lambdas/core/job-state.ts";
import { MAX_LEASES } from "../../lambdas/core/placing/push-work.ts";
import { type QueueEntry, requeuedName, requeuedTasks } from "../../lambdas/core/queue-entry.ts";
import { isEligible } from "../../lambdas/core/queue-name.ts";
import { isAnotherAttempt } from "../../lambdas/core/settle.ts";
import { holdsIndex, type IndexRange } from "../../lambdas/protocol/index-ranges.ts";
import type { JobHeader } from "../../lambdas/protocol/job-header.ts";
import type { Entry } from "../../lambdas/protocol/outcome-page.ts";
import { DUE_PARTITION, jobKey, OPEN_PARTITION, requeuedKey } from "../../lambdas/protocol/rows.ts";
import { type Job, simulatedValue } from "./a-job.ts";
import type { TablesView } from "./tables-view.ts";
import { SILENT, type World } from "./world.ts";

/** Whether a queue entry still has work to claim. */
function isClaimable(world: World, entry: QueueEntry): boolean {
  if (entry.requeued) {
    const row = world.tables.peek(requeuedKey(entry.job, requeuedName(entry.requeued)));
    return (row?.from ?? 0) < requeuedTasks(entry.requeued);
  }
  const row = world.tables.peek(jobKey(entry.job));
  return row?.state === "open" && (row.from ?? 0) < (row.to ?? 0);
}

/**
 * Returns queued work although an engine that may run it has room, if there is any. There must be none once every pass
 * has ended.
 */
export function idleBesideWork(world: World): string | undefined {
  const limit = world.hwm === "adaptive" ? 1 : world.hwm === 0 ? Number.POSITIVE_INFINITY : world.hwm;
  const now = world.clock.now();
  const open = world
    .engines()
    .filter((engine) => !engine.closed)
    .filter(({ resting }) => resting === undefined || resting.until <= now)
    .filter((engine) => engineLoad(engine) < limit && engine.leases.length < MAX_LEASES);
  if (open.length === 0) return undefined;
  for (const entry of world.queueEntries()) {
    const engine = open.find((one) => isEligible(one, entry.queue));
    if (engine && isClaimable(world, entry))
      return `engine ${engine.id} has room while ${entry.job.slice(-3)} waits in ${entry.queue}`;
  }
  return undefined;
}

/**
 * Returns an open job while the sweep's rule is off, if there is any: if nobody waited for it, nothing would recover
 * its work. Jobs of which not all parts have come do not count: a middle part may arrive before the first, which turns
 * the rule on.
 */
export function unsweptJob(world: World): string | undefined {
  const open = world.isRuleOn ? [] : world.keys(OPEN_PARTITION);
  const job = open.find((id) => {
    const row = world.tables.peek(jobKey(id));
    return row && jobStateOf(row) !== "submitting";
  });
  return job && `${job.slice(-3)} is open, and no sweep will come`;
}

/**
 * Lets the rule sweep until nothing is left over and the rule is off. Due rows of closed jobs, and a rule that could
 * not be switched on, wait for the next client, so one comes.
 */
export async function comeToRest(world: World, sweeps = 16): Promise<void> {
  const isAtRest = () => !world.isRuleOn && leftOver(world).length === 0;
  for (let sweep = 0; sweep < sweeps && !isAtRest(); sweep++) {
    if (!world.isRuleOn) await world.until(world.send({ type: "tick" }));
    await world.pass(60_000);
  }
  if (world.isRuleOn) world.violations.push("at rest: the one-minute rule is on");
}

/** Returns what is left over in the tables. At rest there must be nothing. */
export function leftOver(world: Pick<TablesView, "engines" | "queueEntries" | "keys">): string[] {
  const left: string[] = [];
  for (const engine of world.engines()) {
    if (engine.session) left.push(`engine ${engine.id} has a session`);
    if (engine.parked.length > 0) left.push(`engine ${engine.id} has ${engine.parked.length} parked tasks`);
    if (engineLoad(engine) > 0) left.push(`engine ${engine.id} has load ${engineLoad(engine)}`);
  }
  for (const entry of world.queueEntries()) left.push(`a queue entry of ${entry.job.slice(-3)} in ${entry.queue}`);
  for (const key of world.keys(DUE_PARTITION)) left.push(`due: ${key}`);
  for (const key of world.keys(OPEN_PARTITION)) left.push(`open: ${key.slice(-3)}`);
  return left;
}

/** What may have happened to the tasks of a job in addition to what they do themselves. */
export interface Circumstances {
  aborted?: readonly IndexRange[];
  /** Whether engines may have died by themselves. */
  crashes?: boolean;
  /** Whether engines were removed. */
  enginesGo?: boolean;
}

/**
 * Returns what is wrong with a job's outcomes, whatever its tasks do: each must have exactly one, with all its
 * attempts.
 */
export function oddOutcomes(view: Pick<TablesView, "pages">, { id, tasks, flags }: JobHeader): string[] {
  const wrong: string[] = [];
  const name = (index: number) => `${id.slice(-3)}.${index}`;
  const reported = new Map<number, Entry[]>();
  for (const { page } of view.pages({ id, tasks }))
    for (const entry of page.entries) {
      if (entry.index >= tasks) wrong.push(`${name(entry.index)} has an outcome and no spec`);
      reported.set(entry.index, [...(reported.get(entry.index) ?? []), entry]);
    }
  for (let index = 0; index < tasks; index++) {
    const entries = reported.get(index) ?? [];
    const [final, ...more] = entries.filter((entry) => entry.final);
    if (!final || more.length > 0) {
      const finals = final ? [final, ...more] : [];
      wrong.push(`${name(index)} has ${finals.length} outcomes: ${finals.map(({ status }) => status).join(", ")}`);
      continue;
    }
    // Refusals are not attempts, and an escalated attempt continues in the larger pool.
    const numbers = entries.filter(isAnotherAttempt).map(({ attempt }) => attempt);
    if (new Set(numbers).size !== numbers.length) wrong.push(`${name(index)} tells of attempts ${numbers.join(", ")}`);
    if (final.attempt > (flags.retries ?? 0) + 1) wrong.push(`${name(index)} made ${final.attempt} attempts`);
    if (final.attempt < Math.max(...numbers))
      wrong.push(`${name(index)} ended at attempt ${final.attempt} of ${numbers.join(", ")}`);
  }
  return wrong;
}

/** Returns what is wrong with a job's outcomes: each task must have exactly one, equal to what the task did. */
export function wrongOutcomes(world: World, job: Job, circumstances: Circumstances = {}): string[] {
  const wrong = oddOutcomes(world.view, job.header);
  const { flags, id } = job.header;
  const name = (index: number) => `${id.slice(-3)}.${index}`;
  const outcomes = world.outcomes(job);
  for (const [index, behaviour] of job.behaviours.entries()) {
    const [final, ...more] = outcomes.get(index) ?? [];
    if (!final || more.length > 0) continue;
    if (final.status === "ok" && !isDeepStrictEqual(final.value, simulatedValue(id, index)))
      wrong.push(`${name(index)} has a foreign value`);
    const fails =
      behaviour.do !== "ok" &&
      behaviour.do !== "unmet" &&
      final.attempt <= (behaviour.times ?? Number.POSITIVE_INFINITY);
    const allowed = new Set<Entry["status"]>();
    if (!fails) allowed.add("ok");
    else if (behaviour.do === "error") allowed.add("error");
    else allowed.add("lost");
    if (behaviour.do === "unmet" || circumstances.enginesGo) allowed.add("impossible");
    if (circumstances.crashes) allowed.add("lost");
    if (flags.timeoutMs || flags.deadlineMs || flags.runTimeoutMs) allowed.add("timeout");
    if (flags.budgetUsd) allowed.add("aborted");
    if (holdsIndex(circumstances.aborted ?? [], index)) allowed.add("aborted");
    if (!allowed.has(final.status))
      wrong.push(`${name(index)} is ${final.status}, not ${[...allowed].join(" or ")}: ${final.error?.evalue ?? ""}`);
    const isRetryable = final.status === "error" || final.status === "lost";
    if (isRetryable && !flags.retryOn && final.attempt !== (flags.retries ?? 0) + 1)
      wrong.push(`${name(index)} ended as ${final.status} at attempt ${final.attempt} of ${(flags.retries ?? 0) + 1}`);
  }
  return wrong;
}

/** Returns refusals of a task by an engine that refused it before: it must not get the task again, whatever fails. */
export function doubledRefusals(view: Pick<TablesView, "pages">, header: JobHeader): string[] {
  const seen = new Set<string>();
  const doubled: string[] = [];
  for (const { page } of view.pages(header))
    for (const { index, status } of page.entries) {
      if (status !== "unmet") continue;
      const name = `${header.id.slice(-3)}.${index} by engine ${page.engine}`;
      if (seen.has(name)) doubled.push(`${name} was refused twice`);
      seen.add(name);
    }
  return doubled;
}

/**
 * Returns tasks that ended as impossible although an engine would have run them, in runs in which no engine was
 * removed.
 */
export function wronglyImpossible(world: World, job: Job): string[] {
  const { targets, memoryMb = 0, escalate } = job.header.flags;
  // An escalated task continues only in pools with more memory.
  if (escalate && world.crashes > 0) return [];
  // Another job's task may have shown what a pool lacks.
  const needsModule = job.pages.some(([, page]) => page.functions.some(({ modules = [] }) => modules.length > 0));
  const lacking = world.jobs.flatMap(({ behaviours }) => behaviours.flatMap(({ lackedBy = [] }) => lackedBy));
  return job.behaviours.flatMap((behaviour, index) => {
    if (world.outcomes(job).get(index)?.[0]?.status !== "impossible") return [];
    const willing = world.engines().filter(({ id, pool }) => {
      const mayRun = targets === undefined || (typeof targets === "string" ? targets === pool : targets.includes(id));
      const memory = world.pools.find(({ name }) => name === pool)?.memoryMb ?? 0;
      const lacks = behaviour.lackedBy?.includes(pool) || (needsModule && lacking.includes(pool));
      const refuses = lacks || behaviour.refusedBy?.includes(id);
      return mayRun && memory >= memoryMb && !refuses;
    });
    const [one] = willing;
    return one ? [`${job.header.id.slice(-3)}.${index} is impossible, and engine ${one.id} would run it`] : [];
  });
}

/**
 * Returns sessions that were revoked although their invocation did not crash, began and ended in time, and did not go
 * with its cloud.
 *
 * @param mayBeSlow whether messages may take long, so that an engine that is alive may be taken for dead
 */
export function wronglyRevoked(world: World, mayBeSlow: boolean): string[] {
  return world.logged.flatMap(({ event, fields }) => {
    if (event !== "session-revoked" || world.crashed.has(String(fields.session))) return [];
    if (mayBeSlow && SILENT.test(String(fields.reason))) return [];
    return /never began|did not end|cloud was stopped/.test(String(fields.reason))
      ? []
      : [`engine ${fields.engine}: a live session was revoked`];
  });
}

/** Returns the number of attempts recorded as lost. */
export function lostAttempts(world: World): number {
  let lost = 0;
  for (const job of world.jobs)
    for (const { page } of world.pages(job)) for (const entry of page.entries) if (entry.status === "lost") lost++;
  return lost;
}
