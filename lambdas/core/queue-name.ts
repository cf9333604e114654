import type { JobFlags } from "../protocol/flags.ts";
import { holdsIndex, type IndexRange, idsText, mergedRanges, rangesOf } from "../protocol/index-ranges.ts";

/** The properties of a pool that queues depend on. */
export interface PoolFacts {
  name: string;
  memoryMb: number;
}

/** The properties of an engine that eligibility depends on. */
export interface EngineFacts {
  id: number;
  pool: string;
}

/** The queue of tasks that any engine may run. */
export const ANY_ENGINE = "any";

/** Maximum length of a queue's name: it is a sort key, limited by DynamoDB to 1,024 bytes. */
export const QUEUE_NAME_CHARS = 900;

/**
 * Maximum length of the list of engines that refused tasks, in characters: a few hundred ids, or more if they are
 * consecutive.
 */
const BUT_CHARS = 600;

/**
 * A parsed name of a queue: which engines may run its tasks. It lists the excluded engines and pools, not the remaining
 * ones, so that an engine that joins later is eligible.
 */
export interface QueueParts {
  /** `any`, `pool:<name>` or `engines:<ids>`: where the job may run. */
  base: string;
  /** Ids of engines that refused the tasks. */
  but: IndexRange[];
  /** Pools that have too little memory, or whose engines all lack a module that the tasks need. */
  not: string[];
  /** The only pool left, after an attempt was escalated to it. */
  only?: string | undefined;
}

/**
 * The name of a job's queue. It says which engines may run the job. Each queue is a separate partition, so a queue full
 * of work for engine 3 costs engine 7 nothing.
 *
 * The name is `any`, `pool:<name>`, or `engines:` with sorted ids and ranges of ids, as in `engines:0-3,7`, followed by
 * excluded pools that are too small, as in `any/not:small`. It depends on nothing that changes while the cluster runs,
 * so every caller computes the same name.
 */
export function queueName(flags: JobFlags, pools: readonly PoolFacts[]): string {
  const { targets, memoryMb = 0 } = flags;
  const not = pools.filter((pool) => pool.memoryMb < memoryMb).map(({ name }) => name);
  return formatQueue({ base: baseOf(targets), but: [], not });
}

function baseOf(targets: JobFlags["targets"]): string {
  if (targets === undefined) return ANY_ENGINE;
  return typeof targets === "string" ? `pool:${targets}` : `engines:${idsText(rangesOf(targets))}`;
}

/** Formats the name of a queue. Equal queues have equal names. */
export function formatQueue({ base, but, not, only }: QueueParts): string {
  const parts = [base];
  if (but.length > 0) parts.push(`but:${idsText(mergedRanges(but))}`);
  if (not.length > 0) parts.push(`not:${[...new Set(not)].sort().join(",")}`);
  if (only !== undefined) parts.push(`only:${only}`);
  return parts.join("/");
}

/** Parses the name of a queue. */
export function parseQueue(queue: string): QueueParts {
  const [base = ANY_ENGINE, ...parts] = queue.split("/");
  const parsed: QueueParts = { base, but: [], not: [] };
  for (const part of parts) {
    const rest = part.slice(part.indexOf(":") + 1);
    if (part.startsWith("but:")) parsed.but = idRanges(rest);
    else if (part.startsWith("not:")) parsed.not = rest.split(",");
    else if (part.startsWith("only:")) parsed.only = rest;
  }
  return parsed;
}

/**
 * The queue for tasks of `queue` after a refusal: excludes the engine or, if the refusal holds for its whole pool, the
 * pool.
 */
export function queueAfterRefusal(queue: string, engine: EngineFacts, wholePool: boolean): string {
  const parsed = parseQueue(queue);
  if (wholePool) return formatQueue({ ...parsed, not: [...parsed.not, engine.pool] });
  const but = mergedRanges([...parsed.but, [engine.id, engine.id + 1]]);
  return formatQueue({ ...parsed, but: coarsened(but) });
}

/**
 * Merges the closest ranges of excluded engines until their text fits into the name. Engines between merged ranges are
 * then excluded, too, which is better than sending a task back to an engine that refused it.
 */
function coarsened(ranges: IndexRange[]): IndexRange[] {
  let coarse = ranges;
  for (let gap = 1; idsText(coarse).length > BUT_CHARS; gap *= 2)
    coarse = mergedRanges(coarse.map(([from, to]) => [from - gap, to + gap])).map(([from, to]) => [
      from + gap,
      to - gap,
    ]);
  return coarse;
}

/** The queue for tasks of `queue` that continue in one pool. */
export function escalatedQueue(queue: string, pool: string): string {
  return formatQueue({ ...parseQueue(queue), only: pool });
}

/** The queue for tasks of `queue` with some pools excluded. */
export function queueWithout(queue: string, pools: readonly string[]): string {
  const parsed = parseQueue(queue);
  return formatQueue({ ...parsed, not: [...parsed.not, ...pools] });
}

/**
 * Whether work of a job with queue `queue` may be waiting in queue `other`. The queues of a job's tasks differ only by
 * the engines and pools that they exclude, and by the only pool left.
 */
export function mayHoldWorkOf(queue: string, other: string): boolean {
  return parseQueue(queue).base === parseQueue(other).base;
}

/** Whether the queue is narrower than the job's targets: it excludes engines or pools, or names the only pool left. */
export function isDerived(queue: string): boolean {
  return queue.includes("/");
}

/** Returns a test of whether an engine may run tasks of the queue. Parses the name once, for many engines. */
export function eligibility(queue: string): (engine: EngineFacts) => boolean {
  if (queue === ANY_ENGINE) return () => true;
  const { base, but, not, only } = parseQueue(queue);
  const inBase = baseEligibility(base);
  return (engine) =>
    inBase(engine) &&
    !not.includes(engine.pool) &&
    (only === undefined || only === engine.pool) &&
    !holdsIndex(but, engine.id);
}

function baseEligibility(base: string): (engine: EngineFacts) => boolean {
  if (base === ANY_ENGINE) return () => true;
  const rest = base.slice(base.indexOf(":") + 1);
  if (base.startsWith("pool:")) return ({ pool }) => pool === rest;
  const ranges = idRanges(rest);
  return ({ id }) => holdsIndex(ranges, id);
}

/** Whether an engine may run tasks of the queue. */
export function isEligible(engine: EngineFacts, queue: string): boolean {
  return eligibility(queue)(engine);
}

function idRanges(text: string): IndexRange[] {
  if (text === "") return [];
  return text.split(",").map((name) => {
    const [from = 0, to = from] = name.split("-").map(Number);
    return [from, to + 1];
  });
}
