import type { ParentRange } from "../../protocol/dependency.ts";
import type { EncodedValue } from "../../protocol/function-reference.ts";
import type { OutcomePage } from "../../protocol/outcome-page.ts";
import { unpackOutcomePage } from "../../protocol/packed-page.ts";
import { bucketOf, outcomePageKey } from "../../protocol/rows.ts";
import {
  type GivenResult,
  type LeasedArguments,
  type ResultReference,
  type ResultValues,
  resultsIn,
  type TaskArguments,
} from "../../protocol/spec-page.ts";
import { isStored } from "../../protocol/stored-value.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { jobHeader } from "../rows/job-row.ts";
import { LedgerView } from "../rows/ledger-view.ts";
import type { JobAccess } from "../rows/row-access.ts";

/**
 * Maximum size of the results in the arguments of one lease, in characters. An answer is limited to 6 MB, including
 * code.
 */
const RESULT_CHARS = 3_500_000;

/** Whether results of other tasks are among the arguments. */
export function takesResults(args: TaskArguments): args is Extract<TaskArguments, readonly unknown[]> {
  return resultsIn(args).length > 0;
}

/** Argument lists with results, as a lease holds them. */
export interface GivenResults {
  /** Each result once. */
  results: ResultValues[];
  /**
   * The lists, with each result given by its position in `results`; `undefined` for a list whose results did not fit.
   */
  given: (LeasedArguments | undefined)[];
}

/**
 * Replaces references to results by the results. The referenced tasks have succeeded, because otherwise the tasks that
 * take their results would not have been released. Ledgers show which pages hold the values.
 */
export async function withResults(cluster: JobAccess, all: readonly TaskArguments[]): Promise<GivenResults> {
  const references = new Map<string, ResultReference>();
  for (const args of all)
    for (const reference of resultsIn(args))
      if (!references.has(nameOf(reference))) references.set(nameOf(reference), await cutToSize(cluster, reference));
  const pages = await pagesOf(cluster, [...references.values()]);
  const values = new Map<string, Promise<ResultValues>>();
  const places = new Map<string, number>();
  const results: ResultValues[] = [];
  let room = RESULT_CHARS;
  const given: (LeasedArguments | undefined)[] = [];
  for (const args of all) {
    if (!takesResults(args)) {
      given.push(args);
      continue;
    }
    const names = [...new Set(resultsIn(args).map(nameOf))];
    const fresh: [string, ResultValues, number][] = [];
    for (const name of names) {
      const reference = references.get(name);
      if (places.has(name) || !reference) continue;
      const known = values.get(name) ?? valuesOf(cluster, reference, pages);
      values.set(name, known);
      fresh.push([name, await known, charsOf(await known)]);
    }
    const chars = fresh.reduce((sum, [, , own]) => sum + own, 0);
    if (chars > room && chars <= RESULT_CHARS) {
      given.push(undefined);
      continue;
    }
    for (const [name, value, own] of fresh) {
      const isTooLarge = chars > RESULT_CHARS;
      if (!isTooLarge) room -= own;
      places.set(name, results.push(isTooLarge ? { values: [], list: false, refused: tooLarge(chars) } : value) - 1);
    }
    given.push(withPlaces(args, places));
  }
  return { results, given };
}

function charsOf({ values }: ResultValues): number {
  return values.reduce((sum, value) => sum + (typeof value === "string" ? value.length : 100), 0);
}

/**
 * Identifies a referenced result. Items of one chunk have the same name, because the whole chunk is sent for all of
 * them.
 */
function nameOf({ item: _, ...reference }: ResultReference): string {
  return JSON.stringify(reference);
}

function withPlaces(
  args: Extract<TaskArguments, readonly unknown[]>,
  places: ReadonlyMap<string, number>,
): LeasedArguments {
  const placed = (reference: ResultReference): GivenResult => ({
    given: places.get(nameOf(reference)) ?? 0,
    ...(reference.item === undefined ? {} : { item: reference.item }),
  });
  return args.map((arg) => {
    if (typeof arg === "string" || isStored(arg)) return arg;
    return "result" in arg ? placed(arg) : { value: arg.value, results: arg.results.map(placed) };
  });
}

function tooLarge(chars: number): string {
  return `the results among the task's arguments have ${chars} characters, more than the limit of ${RESULT_CHARS}: pass fewer, or results above 8 KB each, which are sent by reference`;
}

/** Finds the page with a task's outcome. */
type PageOf = (job: string, index: number) => OutcomePage | undefined;

async function pagesOf(cluster: StoreAccess, references: readonly ResultReference[]): Promise<PageOf> {
  const view = new LedgerView(cluster);
  const ranges = references.flatMap(({ result }) => result);
  await view.load(
    ranges.flatMap(([job, from, to]) => {
      const last = bucketOf(Math.max(from, to - 1));
      return Array.from({ length: last - bucketOf(from) + 1 }, (_, at) => ({ job, bucket: bucketOf(from) + at }));
    }),
  );
  const names = new Map<string, ReturnType<typeof outcomePageKey>>();
  for (const [job, from, to] of ranges)
    for (let index = from; index < to; index++) {
      const ended = view.endedOf(job, index);
      if (ended) names.set(`${job}#${ended.first}#${ended.lease}`, outcomePageKey(job, ended.first, ended.lease));
    }
  const rows = await cluster.store.read([...names.values()]);
  const pages = new Map<string, OutcomePage>();
  for (const [at, name] of [...names.keys()].entries()) {
    const row = rows[at];
    if (row) pages.set(name, unpackOutcomePage(row));
  }
  return (job, index) => {
    const ended = view.endedOf(job, index);
    return ended && pages.get(`${job}#${ended.first}#${ended.lease}`);
  };
}

async function valuesOf(cluster: JobAccess, reference: ResultReference, pageOf: PageOf): Promise<ResultValues> {
  const values: EncodedValue[] = [];
  const chunked: boolean[] = [];
  let isLone = false;
  for (const [job, from, to] of reference.result) {
    const header = await jobHeader(cluster, job);
    isLone = header?.shape === "apply" && header.tasks === 1 && reference.result.length === 1;
    for (let index = from; index < to; index++) {
      const entry = pageOf(job, index)?.entries.find((one) => one.index === index && one.final);
      values.push(entry?.value ?? "D-1");
      chunked.push(header?.chunked === true);
    }
  }
  const list = reference.list ?? !isLone;
  return {
    values,
    list: list || chunked.includes(true),
    ...(reference.joined ? { joined: true } : {}),
    ...(chunked.includes(true) ? { chunked } : {}),
  };
}

/**
 * Cuts a reference down to tasks that exist. A reference made from a job's id alone may name more tasks than the job
 * has.
 */
async function cutToSize(cluster: JobAccess, reference: ResultReference): Promise<ResultReference> {
  const result: ParentRange[] = [];
  for (const [job, from, to] of reference.result)
    result.push([job, from, Math.min(to, (await jobHeader(cluster, job))?.tasks ?? from)]);
  return { ...reference, result };
}
