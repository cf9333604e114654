import type { JobFlags } from "../protocol/flags.ts";
import { holdsIndex, type IndexRange, idsText, mergedRanges, rangesOf } from "../protocol/index-ranges.ts";

/** What a pool is, as far as classes ask. */
export interface PoolFacts {
  name: string;
  memoryMb: number;
}

/** An engine, as far as eligibility asks. */
export interface EngineFacts {
  id: number;
  pool: string;
}

/** The class of tasks that any engine may run. */
export const ANY_ENGINE = "any";

/** Longest name of a class: it is a sort key, of which DynamoDB takes 1,024 bytes. */
export const CLASS_CHARS = 900;

/** Longest text of the engines that refused: a few hundred, unless they are next to each other. */
const BUT_CHARS = 600;

/**
 * A queue class taken apart: which engines may run its tasks. What is left out is said, not what is left over, so that
 * an engine that joins later is eligible by itself.
 */
export interface EngineClass {
  /** `any`, `pool:<name>` or `engines:<ids>`: where the job may run. */
  base: string;
  /** Engines that refused. */
  but: IndexRange[];
  /** Pools with too little memory, or that refused as a whole. */
  not: string[];
  /** The one pool that an attempt was escalated to. */
  only?: string | undefined;
}

/**
 * The queue class of a job: which engines may run it, by name. One partition of the queue each, so that
 * a queue full of work for engine 3 costs engine 7 nothing.
 *
 * `any`, `pool:<name>`, or `engines:` with ids and ranges of ids, sorted, as in `engines:0-3,7`; then without pools that are too
 * small, as in `any/not:small`. It is made of nothing that changes while the cluster runs, so whoever names a job's class comes to the same.
 */
export function queueClass(flags: JobFlags, pools: readonly PoolFacts[]): string {
  const { targets, memoryMb = 0 } = flags;
  const not = pools.filter((pool) => pool.memoryMb < memoryMb).map(({ name }) => name);
  return className({ base: baseOf(targets), but: [], not });
}

function baseOf(targets: JobFlags["targets"]): string {
  if (targets === undefined) return ANY_ENGINE;
  return typeof targets === "string" ? `pool:${targets}` : `engines:${idsText(rangesOf(targets))}`;
}

/** The name of a class; equal classes have equal names. */
export function className({ base, but, not, only }: EngineClass): string {
  const parts = [base];
  if (but.length > 0) parts.push(`but:${idsText(mergedRanges(but))}`);
  if (not.length > 0) parts.push(`not:${[...new Set(not)].sort().join(",")}`);
  if (only !== undefined) parts.push(`only:${only}`);
  return parts.join("/");
}

/** The class that a name stands for. */
export function parseClass(queue: string): EngineClass {
  const [base = ANY_ENGINE, ...parts] = queue.split("/");
  const parsed: EngineClass = { base, but: [], not: [] };
  for (const part of parts) {
    const rest = part.slice(part.indexOf(":") + 1);
    if (part.startsWith("but:")) parsed.but = idRanges(rest);
    else if (part.startsWith("not:")) parsed.not = rest.split(",");
    else if (part.startsWith("only:")) parsed.only = rest;
  }
  return parsed;
}

/** The class of tasks of `queue` that an engine has refused: without it or, for what its whole pool lacks, without that. */
export function refusedClass(queue: string, engine: EngineFacts, wholePool: boolean): string {
  const parsed = parseClass(queue);
  if (wholePool) return className({ ...parsed, not: [...parsed.not, engine.pool] });
  const but = mergedRanges([...parsed.but, [engine.id, engine.id + 1]]);
  return className({ ...parsed, but: coarsened(but) });
}

/**
 * Ranges with the closest ones made one, so that their text is not too long for a class. Engines between
 * them are then left out, too: rather that than to send a task again where it was refused.
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

/** The class of tasks of `queue` that go on in one pool. */
export function escalatedClass(queue: string, pool: string): string {
  return className({ ...parseClass(queue), only: pool });
}

/** The class of tasks of `queue` without some pools. */
export function classWithout(queue: string, pools: readonly string[]): string {
  const parsed = parseClass(queue);
  return className({ ...parsed, not: [...parsed.not, ...pools] });
}

/** Claims that work of a job whose class is `queue` may wait in class `other`: its tasks' classes differ in what refused them. */
export function mayHoldWorkOf(queue: string, other: string): boolean {
  return parseClass(queue).base === parseClass(other).base;
}

/** Claims that the class is not one that a job's targets name, but what was left of it. */
export function isDerived(queue: string): boolean {
  return queue.includes("/");
}

/** Claims that an engine may run tasks of the class. Takes the class's name apart once, for many engines. */
export function eligibility(queue: string): (engine: EngineFacts) => boolean {
  if (queue === ANY_ENGINE) return () => true;
  const { base, but, not, only } = parseClass(queue);
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

/** Claims that an engine may run tasks of the class. */
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
