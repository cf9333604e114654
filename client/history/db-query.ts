import { InvalidQuery } from "../../lambdas/protocol/errors.ts";
import { holdsIndex } from "../../lambdas/protocol/index-ranges.ts";
import { parseTaskId } from "../../lambdas/protocol/task-id.ts";
import type { JobRegistry } from "../outcomes/job-registry.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import { type Describing, METADATA_KEYS, type TaskMetadata, taskMetadata } from "../results/result-metadata.ts";
import { type Waiting, waitForTasks } from "../results/task-wait.ts";
import { type Listing, SEARCH_DAYS } from "./hub-history.ts";
import { jobsBetween } from "./job-days.ts";
import { type Condition, type FieldQuery, matches, parseQuery } from "./query-match.ts";
import { queryScope } from "./query-scope.ts";

/** Conditions on a task, by key of `metadata()`. All must hold. */
export type TaskQuery = { readonly [Key in keyof TaskMetadata]?: FieldQuery };

/**
 * Options of `dbQuery`: which records to return, and which of their keys.
 *
 * @example
 * await client.dbQuery({ label: "nightly" }, { keys: ["status", "error"], limit: 100 });
 */
export interface QueryOptions<Key extends keyof TaskMetadata = keyof TaskMetadata> {
  /** The keys to return, besides `taskId`. Default: all. */
  keys?: readonly Key[] | undefined;
  /** Maximum number of records, the earliest submitted first. Default: all. */
  limit?: number | undefined;
}

/** The parts of a client that find jobs and describe their tasks. */
export interface Querying extends Listing, Waiting, Describing {
  jobs: JobRegistry;
}

/** Number of jobs read concurrently. */
const CONCURRENT_JOBS = 8;

/** Keys whose values can be found without reading outcomes. */
const HEADER_KEYS: readonly string[] = ["taskId", "jobId", "index", "label", "submitted", "after", "follow"];

/** A job that may match, and which of its tasks to check. */
type Candidate = [job: string, tasks: readonly number[] | "all"];

/**
 * Returns one record for each task that matches a query, in the order of submission. Reads outcomes only of jobs whose
 * header matches.
 *
 * @throws InvalidQuery, which names the key or operator; InvalidId for a malformed `jobId` or `taskId`
 */
export async function dbQuery<Key extends keyof TaskMetadata>(
  ports: Querying,
  query: TaskQuery,
  { keys, limit = Number.POSITIVE_INFINITY }: QueryOptions<Key>,
): Promise<Pick<TaskMetadata, Key | "taskId">[]> {
  const conditions = parseQuery(query, METADATA_KEYS);
  const strange = keys?.find((key) => !METADATA_KEYS.includes(key));
  if (strange !== undefined)
    throw new InvalidQuery(`unknown key ${strange}; the keys of a record are ${METADATA_KEYS.join(", ")}`);
  if (!(limit > 0)) throw new InvalidQuery(`limit: must be a number above 0, not ${limit}`);
  const scope = queryScope(conditions, ports.clock.now(), SEARCH_DAYS);
  await ports.submitter.settled();
  const candidates: Candidate[] =
    "jobs" in scope
      ? [...scope.jobs]
      : (await jobsBetween(ports.cloud, scope.from, scope.to))
          .filter((job) => matches(job, only(conditions, ["label"])))
          .map(({ job }): Candidate => [job, "all"]);
  const asked = [...conditions.map(({ key }) => key), ...(keys ?? METADATA_KEYS)];
  const needsOutcomes = asked.some((key) => !HEADER_KEYS.includes(key));
  const records: TaskMetadata[] = [];
  // The named jobs are in any order, so read all of them to find the earliest.
  const enough = "jobs" in scope ? Number.POSITIVE_INFINITY : limit;
  for (let at = 0; at < candidates.length && records.length < enough; at += CONCURRENT_JOBS) {
    const some = candidates.slice(at, at + CONCURRENT_JOBS);
    const found = await Promise.all(some.map((one) => recordsOf(ports, one, conditions, needsOutcomes)));
    for (const record of found.flat()) records.push(record);
  }
  if ("jobs" in scope) records.sort((a, b) => (a.submitted?.getTime() ?? 0) - (b.submitted?.getTime() ?? 0));
  const given = records.slice(0, limit);
  for (const { taskId, error } of given) {
    if (!error || (keys && !keys.some((key) => key === "error"))) continue;
    const { job, index } = parseTaskId(taskId);
    ports.unawaited.read(job, index, index + 1);
  }
  return keys === undefined ? given : given.map((record) => picked(record, keys));
}

async function recordsOf(
  ports: Querying,
  [job, wanted]: Candidate,
  conditions: readonly Condition[],
  needsOutcomes: boolean,
): Promise<TaskMetadata[]> {
  const outcomes = await ports.jobs.find(job);
  if (!outcomes?.header || outcomes.failure || !headerMatches(outcomes, conditions)) return [];
  const { tasks } = outcomes.header;
  const named = wanted === "all" ? Array.from({ length: tasks }, (_, index) => index) : [...new Set(wanted)];
  const indexes = named.filter((index) => !holdsIndex(outcomes.purged, index));
  const parts = indexes.length === tasks ? [{ outcomes, from: 0, to: tasks }] : singles(outcomes, indexes, tasks);
  if (needsOutcomes) await waitForTasks(ports, parts, { timeoutMs: 0 });
  const links = await ports.links.of(outcomes);
  const records = parts.flatMap(({ from, to }) =>
    Array.from({ length: to - from }, (_, at) => taskMetadata(ports.cluster, outcomes, from + at, links(from + at))),
  );
  return records.filter((record) => matches(record, conditions));
}

function headerMatches({ header, job }: JobOutcomes, conditions: readonly Condition[]): boolean {
  if (!header) return false;
  const known = { label: header.label, submitted: header.submitted, jobId: job };
  return matches(
    known,
    only(conditions, header.shape === "map" ? ["label", "submitted", "jobId"] : ["label", "submitted"]),
  );
}

function singles(outcomes: JobOutcomes, indexes: readonly number[], tasks: number) {
  return indexes
    .filter((index) => index < tasks)
    .sort((a, b) => a - b)
    .map((index) => ({ outcomes, from: index, to: index + 1 }));
}

function only(conditions: readonly Condition[], keys: readonly string[]): Condition[] {
  return conditions.filter(({ key }) => keys.includes(key));
}

function picked<Key extends keyof TaskMetadata>(
  record: TaskMetadata,
  keys: readonly Key[],
): Pick<TaskMetadata, Key | "taskId"> {
  const given = ["taskId" as const, ...keys].map((key) => [key, record[key]]);
  // The keys are those of `given`, whose types `fromEntries` loses.
  return Object.fromEntries(given) as Pick<TaskMetadata, Key | "taskId">;
}
