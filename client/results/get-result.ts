import { UnknownTask } from "../../lambdas/protocol/errors.ts";
import { holdsIndex } from "../../lambdas/protocol/index-ranges.ts";
import { isJobId, parseTaskId, taskId } from "../../lambdas/protocol/task-id.ts";
import { checkedTaskId, idList } from "../flags/checked-id.ts";
import type { JobRegistry } from "../outcomes/job-registry.ts";
import { addTask, type ResultPart, taskIdsOf } from "../outcomes/result-part.ts";
import { type LoadedSource, wholeJob } from "../outcomes/result-source.ts";
import type { AsyncResult } from "./async-result.ts";
import type { Results } from "./results.ts";

/** The parts of a client that find results by id. */
export interface Finding {
  jobs: JobRegistry;
  results: Results;
}

/**
 * Gets the result of tasks that any process submitted: for a task id its value, for several ids the list of their
 * values with chunks flattened, and for a job id a result of the same shape as the submitting call's.
 *
 * @throws InvalidId for anything but an id; an unknown id rejects later, with UnknownTask
 */
export function getResult(
  { jobs, results }: Finding,
  wanted: string | readonly string[],
): AsyncResult<unknown, unknown> {
  if (typeof wanted !== "string") {
    const ids = idList(wanted).map(checkedTaskId);
    const names = [...new Set(ids.map((id) => parseTaskId(id).job))];
    const list = (parts: readonly ResultPart[]): LoadedSource => ({ parts, shape: "list" });
    const known = knownParts(jobs, ids);
    const loaded = known ? list(known) : async () => list(await partsOf(jobs, ids));
    return results.of({ loaded, jobId: names.length === 1 ? names[0] : undefined, taskIds: ids });
  }
  if (isJobId(wanted)) {
    const outcomes = jobs.known(wanted);
    const isWhole = outcomes?.header && outcomes.purged.length === 0;
    return results.of({ loaded: isWhole ? wholeJob(outcomes) : () => loadJob(jobs, wanted), jobId: wanted });
  }
  const id = checkedTaskId(wanted);
  const known = knownParts(jobs, [id]);
  const loaded = known ? single(known) : async () => single(await partsOf(jobs, [id]));
  return results.of({ loaded, jobId: id, taskIds: [id] });
}

/** Finds the tasks that task or job ids name, in the order of the ids. */
export async function tasksNamed({ jobs }: Pick<Finding, "jobs">, ids: readonly string[]): Promise<ResultPart[]> {
  const names = ids.filter((id) => isJobId(id));
  const whole = new Map(await Promise.all(names.map(async (job) => [job, await loadJob(jobs, job)] as const)));
  const taskIds = ids.flatMap((id) => {
    const job = whole.get(id);
    return job ? taskIdsOf(job.parts) : id;
  });
  return partsOf(jobs, taskIds);
}

async function loadJob(jobs: JobRegistry, job: string): Promise<LoadedSource> {
  const outcomes = await jobs.load(job);
  // A job of applies that is still being collected gets its header when it is sent.
  await outcomes.submitted;
  if (outcomes.purged.length > 0)
    throw new UnknownTask(`job ${job}: some of its tasks were purged. Get the others by their task ids`);
  return wholeJob(outcomes);
}

function single(parts: readonly ResultPart[]): LoadedSource {
  const isChunk = parts[0]?.outcomes.header?.chunked === true;
  return { parts, shape: isChunk ? "list" : "value" };
}

/** The tasks that the ids name, if this process holds all of their jobs; otherwise undefined. */
function knownParts(jobs: JobRegistry, ids: readonly string[]): ResultPart[] | undefined {
  const parts: ResultPart[] = [];
  for (const id of ids) {
    const { job, index } = parseTaskId(id);
    const outcomes = jobs.known(job);
    if (!outcomes?.header || index >= outcomes.header.tasks || holdsIndex(outcomes.purged, index)) return undefined;
    addTask(parts, { outcomes, from: index, to: index + 1 });
  }
  return parts;
}

async function partsOf(registry: JobRegistry, ids: readonly string[]): Promise<ResultPart[]> {
  const places = ids.map((id) => parseTaskId(id));
  const names = [...new Set(places.map(({ job }) => job))];
  const jobs = new Map(await Promise.all(names.map(async (job) => [job, await registry.load(job)] as const)));
  const parts: ResultPart[] = [];
  for (const { job, index } of places) {
    const outcomes = jobs.get(job);
    await outcomes?.submitted;
    if (outcomes && holdsIndex(outcomes.purged, index))
      throw new UnknownTask(`task ${taskId(job, index)} was purged, so its result no longer exists`);
    if (!outcomes?.header || index >= outcomes.header.tasks) {
      throw new UnknownTask(
        `task ${taskId(job, index)} does not exist: its job has only ${outcomes?.header?.tasks ?? 0} tasks`,
      );
    }
    addTask(parts, { outcomes, from: index, to: index + 1 });
  }
  return parts;
}
