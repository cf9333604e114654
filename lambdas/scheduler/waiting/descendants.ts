import type { Engine } from "../../core/engine.ts";
import { holdsTask } from "../../core/parked.ts";
import { parseTaskId } from "../../protocol/task-id.ts";
import { jobHeader, rememberHeaders } from "../rows/job-row.ts";
import type { JobAccess } from "../rows/row-access.ts";

/**
 * Maximum number of ancestors to follow. A job that is further than this below the engine's tasks does not count as a
 * descendant.
 */
const GENERATIONS = 1000;

/**
 * Finds the first of the given jobs that was submitted neither by a task that the engine holds nor by a descendant of
 * one; `undefined` if there is none.
 */
export async function notDescendant(
  cluster: JobAccess,
  engine: Engine,
  jobs: Iterable<string>,
): Promise<string | undefined> {
  const names = [...new Set(jobs)];
  await rememberHeaders(cluster, names);
  const are = await Promise.all(names.map((job) => isDescendant(cluster, engine, job)));
  return names.find((_, at) => !are[at]);
}

async function isDescendant(cluster: JobAccess, engine: Engine, job: string): Promise<boolean> {
  let at = job;
  for (let generation = 0; generation < GENERATIONS; generation++) {
    const parent = (await jobHeader(cluster, at))?.parent;
    if (parent === undefined) return false;
    const place = parseTaskId(parent);
    if (holdsTask(engine, place.job, place.index)) return true;
    at = place.job;
  }
  return false;
}
