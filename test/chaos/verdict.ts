import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { AwsCloud } from "../../client/cluster/aws-cloud.ts";
import { unpackOutcomePage } from "../../lambdas/protocol/packed-page.ts";
import { bucketOf } from "../../lambdas/protocol/rows.ts";
import { BUCKET_TASKS } from "../../lambdas/protocol/spec-page.ts";
import { parseTaskId, taskId } from "../../lambdas/protocol/task-id.ts";
import type { ChaosCloud } from "./chaos-cloud.ts";
import { JOB_KINDS } from "./job-kinds.ts";
import { jobsOf, type KnownJob, type RunFolder } from "./journal.ts";

/** The result of checking all jobs. Each list has a line for each case. */
interface JobsVerdict {
  jobs: number;
  /** Number of tasks that ran, and of their runs, according to the files that they wrote. */
  tasks: number;
  runs: number;
  /** Number of outcomes: `ok`, or the name of the error. */
  ended: Record<string, number>;
  /** How often a client got a retryable error and attached again. */
  repeated: number;
  lost: string[];
  doubled: string[];
  wrong: string[];
}

/** The result of a chaos run. */
export interface Verdict extends JobsVerdict {
  /** The end of what clients wrote to stderr. */
  complaint: string;
  /** Seconds from the last fault until the cluster was idle. */
  restedAfter: number;
  isLate: boolean;
  /** Processes and files that the run left behind. */
  processes: string[];
  files: string[];
}

/**
 * Compares the outcomes of every job with those expected.
 *
 * @param again what another client read afterwards: a line of JSON for each job
 */
export async function verdictOf(folder: RunFolder, cloud: ChaosCloud, again: string): Promise<JobsVerdict> {
  const jobs = jobsOf(folder.entries());
  const effects = effectsOf(folder);
  const verdict: JobsVerdict = {
    jobs: jobs.size,
    tasks: effects.size,
    runs: [...effects.values()].reduce((sum, runs) => sum + runs, 0),
    ended: {},
    repeated: 0,
    lost: [],
    doubled: [],
    wrong: await cloud.oddRows(),
  };
  for (const job of jobs.values()) judge(job, verdict);
  const read = readJobs(again);
  for (const [key, { spec, ids, outcomes }] of jobs)
    if (ids.length > 0 && outcomes && !isDeepStrictEqual(read.get(key), firstOf(spec.kind, outcomes)))
      verdict.wrong.push(`${key}: another client read ${JSON.stringify(read.get(key))?.slice(0, 200)}`);
  for (const [id, count] of await finalOutcomes(cloud, [...effects.keys()])) {
    if (count === 0) verdict.lost.push(`${id} ran and has no outcome`);
    if (count > 1) verdict.doubled.push(`${id} has ${count} outcomes`);
  }
  return verdict;
}

function judge({ spec, ids, outcomes, repeated }: KnownJob, verdict: JobsVerdict): void {
  verdict.repeated += repeated.length;
  if (!outcomes) {
    verdict.lost.push(`${spec.key} (${spec.kind}) did not end: ${repeated.at(-1) ?? "no error"}`);
    return;
  }
  for (const one of outcomes) {
    const how = typeof one === "string" && /^[A-Z]\w+$/.test(one) ? one : "ok";
    verdict.ended[how] = (verdict.ended[how] ?? 0) + 1;
  }
  if (spec.kind === "sameKey" && ids.length > 1) verdict.doubled.push(`${spec.key} was submitted as ${ids}`);
  const expected = JOB_KINDS[spec.kind].expected(spec);
  const at = expected.findIndex((one, index) => !isDeepStrictEqual(one, outcomes[index]));
  if (at >= 0 || outcomes.length !== expected.length)
    verdict.wrong.push(`${spec.key} (${spec.kind}): item ${at} is ${outcomes[at]}, not ${expected[at]}`);
}

/** Removes the second copy of the outcomes of a job that was submitted twice under one key. */
function firstOf(kind: string, outcomes: readonly unknown[]): unknown[] {
  return kind === "sameKey" ? outcomes.slice(0, outcomes.length / 2) : [...outcomes];
}

function readJobs(text: string): Map<string, unknown[]> {
  const lines = text.split("\n").filter((line) => line.startsWith("{"));
  return new Map(
    lines.map((line) => {
      const { key, outcomes } = JSON.parse(line) as { key: string; outcomes: unknown[] };
      return [key, outcomes];
    }),
  );
}

/** Returns how often each task ran, by id. */
function effectsOf({ effects }: RunFolder): Map<string, number> {
  const runs = new Map<string, number>();
  for (const name of readdirSync(effects))
    for (const id of readFileSync(join(effects, name), "utf8").trim().split("\n"))
      runs.set(id, (runs.get(id) ?? 0) + 1);
  return runs;
}

/** Returns the number of final outcomes of each task in the table. */
async function finalOutcomes(cloud: ChaosCloud, ids: readonly string[]): Promise<Map<string, number>> {
  const table = new AwsCloud(cloud.connection());
  const counts = new Map(ids.map((id) => [id, 0]));
  const places = ids.map(parseTaskId);
  const buckets = new Map(
    places.map(({ job, index }) => [`${job} ${bucketOf(index)}`, { job, bucket: bucketOf(index) }]),
  );
  try {
    for (const { job, bucket } of buckets.values()) {
      const first = bucket * BUCKET_TASKS;
      for (const page of await table.outcomePages(job, bucket, first, first + BUCKET_TASKS))
        for (const { index, final } of unpackOutcomePage({ pk: job, ...page }).entries) {
          const known = counts.get(taskId(job, index));
          if (final && known !== undefined) counts.set(taskId(job, index), known + 1);
        }
    }
    return counts;
  } finally {
    table.close();
  }
}
