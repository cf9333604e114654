import type { Lacking } from "../../core/impossible.ts";
import { queueWithout } from "../../core/queue-name.ts";
import { hasEligible } from "../../core/roster.ts";
import type { AttemptReport } from "../../core/settle.ts";
import { KEY_ONLY } from "../../protocol/row-body.ts";
import { LACK_PARTITION, lackKey, type Row } from "../../protocol/rows.ts";
import type { SubmittedJob } from "../../protocol/scheduler-messages.ts";
import type { RemembersFleet } from "../memory/fleet-memory.ts";
import type { Configured } from "../ports/cluster-config.ts";
import type { EngineReads } from "./row-access.ts";

/** Rows that record modules newly found missing from the reporting engine's pool, one row for each. */
export function learnedRows(
  cluster: Configured & RemembersFleet,
  pool: string,
  reports: readonly AttemptReport[],
): Row[] {
  const rows: Row[] = [];
  const revision = cluster.config.pools.find(({ name }) => name === pool)?.revision ?? "";
  for (const { status, error } of reports) {
    if (status !== "unmet" || error?.module === undefined) continue;
    const key = lackKey(pool, revision, error.module);
    if (cluster.memory.fleet.lacks.has(key.sk)) continue;
    cluster.memory.fleet.lacks.add(key.sk);
    rows.push({ ...key, body: KEY_ONLY });
  }
  return rows;
}

/**
 * Reads which modules the pools lack, by pool. This is known from tasks that engines have refused since the deployment
 * of their pool's revision.
 */
export async function lackingModules(cluster: EngineReads & Configured): Promise<Lacking> {
  for (const { sk } of await cluster.store.list(LACK_PARTITION)) cluster.memory.fleet.lacks.add(sk);
  const lacking = new Map<string, Set<string>>();
  for (const { name, revision = "" } of cluster.config.pools) {
    const start = lackKey(name, revision, "").sk;
    const modules = [...cluster.memory.fleet.lacks]
      .filter((sk) => sk.startsWith(start))
      .map((sk) => sk.slice(start.length));
    if (modules.length > 0) lacking.set(name, new Set(modules));
  }
  return lacking;
}

/**
 * The job's queue without the pools in which each of its functions lacks a module, so that its tasks are not refused
 * there one after another. Reads only if every function requires modules.
 *
 * If no eligible engine would remain, returns `queue` unchanged: the tasks then fail with an error that says why.
 */
export async function queueForModules(
  cluster: EngineReads & Configured,
  job: SubmittedJob,
  queue: string,
): Promise<string> {
  const functions = job.pages.flatMap(([, page]) => page.functions);
  if (functions.length === 0 || functions.some(({ modules }) => !modules?.length)) return queue;
  for (const { sk } of await cluster.store.list(LACK_PARTITION)) cluster.memory.fleet.lacks.add(sk);
  const lacking = cluster.config.pools.filter(({ name, revision = "" }) =>
    functions.every(({ modules = [] }) =>
      modules.some((module) => cluster.memory.fleet.lacks.has(lackKey(name, revision, module).sk)),
    ),
  );
  if (lacking.length === 0) return queue;
  const left = queueWithout(
    queue,
    lacking.map(({ name }) => name),
  );
  return hasEligible(left, cluster.memory.fleet.roster) ? left : queue;
}
