import { countIndexes, idsText } from "../protocol/index-ranges.ts";
import type { EncodedError } from "../protocol/outcome-page.ts";
import { type EngineFacts, type PoolFacts, parseQueue } from "./queue-name.ts";

/** Modules known to be missing, by pool. */
export type Lacking = ReadonlyMap<string, ReadonlySet<string>>;

/** Facts that explain, together with the task's queue, why no engine can run it. */
export interface ImpossibleFacts {
  pools: readonly PoolFacts[];
  /** Memory that the task requires, in MB. */
  memoryMb?: number | undefined;
  lacking?: Lacking | undefined;
  /** The last engine that refused the task, and its error. */
  last?: { engine: EngineFacts; error: EncodedError | undefined } | undefined;
}

/**
 * Matches a module loader's message for a missing module. The error of an impossible task does not repeat such a
 * message, because it names the module anyway.
 */
const NOT_FOUND = /Cannot find (package|module)/;

/**
 * The error of a task that no engine can run. The message names the engines and pools that are ruled out, and why.
 *
 * @param chars maximum length of the message
 */
export function impossible(queue: string, facts: ImpossibleFacts, chars = 2000): EncodedError {
  const { base, but, not, only } = parseQueue(queue);
  const { last } = facts;
  const module = last?.error?.module;
  const small = not.filter((name) => (memoryOf(facts, name) ?? Number.POSITIVE_INFINITY) < (facts.memoryMb ?? 0));
  const lacks = lackingPools(
    not.filter((name) => !small.includes(name)),
    facts,
  );
  const said = last?.error && !(module && NOT_FOUND.test(last.error.evalue)) ? last.error.evalue : undefined;
  const why = [
    ...(but.length > 0 ? [`${several("engine", countIndexes(but), idsText(but))} refused it`] : []),
    ...(small.length > 0
      ? [`${poolsText(small)} ${small.length > 1 ? "have" : "has"} less than memoryMb = ${facts.memoryMb}`]
      : []),
    ...lacks.map(({ pools, missing }) => `${poolsText(pools)} ${pools.length > 1 ? "lack" : "lacks"} ${missing}`),
    ...(only === undefined ? [] : [`it was to continue in pool ${only}`]),
  ];
  const ids = base.startsWith("engines:") ? base.slice("engines:".length) : undefined;
  const pool = base.startsWith("pool:") ? base.slice("pool:".length) : undefined;
  const among = ids !== undefined ? ` among its targets ${ids}` : pool !== undefined ? ` in pool ${pool}` : "";
  const detail = said === undefined ? "" : ` (engine ${last?.engine.id}: ${said})`;
  const reason =
    why.length > 0
      ? `no engine${among} can run it: ${why.join("; ")}${detail}`
      : `no engine can run it: none is left${among}`;
  const remedy = module ? ". Install it there with `engines[].modules`" : "";
  return { code: "ImpossibleDependency", ename: "ImpossibleDependency", evalue: `${reason}${remedy}`.slice(0, chars) };
}

/** Groups the ruled-out pools by the modules that they lack. */
function lackingPools(
  not: readonly string[],
  { last, lacking }: ImpossibleFacts,
): { pools: string[]; missing: string }[] {
  const found = new Map<string, string[]>();
  for (const pool of not) {
    const module = last?.error?.module;
    const isSame = module !== undefined && (last?.engine.pool === pool || lacking?.get(pool)?.has(module));
    const known = isSame ? [module] : [...(lacking?.get(pool) ?? [])];
    const missing =
      known.length > 0 ? `module${known.length > 1 ? "s" : ""} ${listed(known)}` : "a module that it requires";
    found.set(missing, [...(found.get(missing) ?? []), pool]);
  }
  return [...found].map(([missing, pools]) => ({ missing, pools }));
}

function memoryOf({ pools }: ImpossibleFacts, name: string): number | undefined {
  return pools.find((pool) => pool.name === name)?.memoryMb;
}

function poolsText(names: readonly string[]): string {
  return several("pool", names.length, listed([...names].sort()));
}

function several(noun: string, count: number, names: string): string {
  return `${noun}${count > 1 ? "s" : ""} ${names}`;
}

/** Joins names as prose: `a, b and c`. */
function listed(names: readonly string[]): string {
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join("");
}
