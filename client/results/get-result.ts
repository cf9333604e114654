import { UnknownTask } from "../../lambdas/protocol/errors.ts";
import { holdsIndex } from "../../lambdas/protocol/index-ranges.ts";
import { isJobId, parseTaskId, taskId } from "../../lambdas/protocol/task-id.ts";
import type { ClientCore } from "../client-core.ts";
import { AsyncResult } from "./async-result.ts";
import { checkedTaskId, idList } from "../flags/checked-id.ts";
import { ResultItems, type ResultPart } from "./result-items.ts";
import type { LoadedSource } from "../outcomes/result-source.ts";

/**
 * The result of what any process submitted: of a task id its value, of ids the list of theirs with chunks
 * flattened, of a job id the job's own shape.
 *
 * @throws InvalidId for what is no id; what is not known rejects later, with UnknownTask
 */
export function getResult(core: ClientCore, wanted: string | readonly string[]): AsyncResult<unknown, unknown> {
  if (typeof wanted !== "string") {
    const ids = idList(wanted).map(checkedTaskId);
    const jobs = [...new Set(ids.map((id) => parseTaskId(id).job))];
    const load = async () => ({ items: new ResultItems(await partsOf(core, ids), core.blobs), shape: "list" }) as const;
    const jobId = jobs.length === 1 ? jobs[0] : undefined;
    return new AsyncResult(core, { loaded: loadedAlready(core, ids) ?? load, jobId, taskIds: ids });
  }
  if (isJobId(wanted)) {
    const outcomes = core.jobs.known(wanted);
    const loaded =
      outcomes?.header && outcomes.purged.length === 0
        ? wholeJob(core, { outcomes, from: 0, to: outcomes.header.tasks })
        : undefined;
    return new AsyncResult(core, { loaded: loaded ?? (() => loadJob(core, wanted)), jobId: wanted });
  }
  const id = checkedTaskId(wanted);
  const load = async () => single(core, await partsOf(core, [id]));
  const parts = knownParts(core, [id]);
  return new AsyncResult(core, { loaded: parts ? single(core, parts) : load, jobId: id, taskIds: [id] });
}

/** The tasks that ids name, whether they are tasks' or jobs', in the order of the ids. */
export async function tasksNamed(core: ClientCore, ids: readonly string[]): Promise<ResultPart[]> {
  const jobs = ids.filter((id) => isJobId(id));
  const whole = new Map(await Promise.all(jobs.map(async (job) => [job, await loadJob(core, job)] as const)));
  return partsOf(
    core,
    ids.flatMap((id) => whole.get(id)?.items.taskIds() ?? id),
  );
}

async function loadJob(core: ClientCore, job: string): Promise<LoadedSource> {
  const outcomes = await core.jobs.load(job);
  // A job of applies that is still being added to gets its header when it is sent.
  await outcomes.submitted;
  if (outcomes.purged.length > 0)
    throw new UnknownTask(`job ${job}: some of its tasks were purged: get the others by their task ids`);
  return wholeJob(core, { outcomes, from: 0, to: outcomes.header?.tasks ?? 0 });
}

function wholeJob(core: ClientCore, part: ResultPart): LoadedSource {
  const { header } = part.outcomes;
  const isLone = header?.shape === "apply" && header.tasks === 1;
  return { items: new ResultItems([part], core.blobs), shape: isLone ? "value" : "list" };
}

function single(core: ClientCore, parts: readonly ResultPart[]): LoadedSource {
  const isChunk = parts[0]?.outcomes.header?.chunked === true;
  return { items: new ResultItems(parts, core.blobs), shape: isChunk ? "list" : "value" };
}

function loadedAlready(core: ClientCore, ids: readonly string[]): LoadedSource | undefined {
  const parts = knownParts(core, ids);
  return parts && { items: new ResultItems(parts, core.blobs), shape: "list" };
}

/** The parts, when all of their jobs are known here. */
function knownParts(core: ClientCore, ids: readonly string[]): ResultPart[] | undefined {
  const parts: ResultPart[] = [];
  for (const id of ids) {
    const { job, index } = parseTaskId(id);
    const outcomes = core.jobs.known(job);
    if (!outcomes?.header || index >= outcomes.header.tasks || holdsIndex(outcomes.purged, index)) return undefined;
    addTask(parts, { outcomes, from: index, to: index + 1 });
  }
  return parts;
}

async function partsOf(core: ClientCore, ids: readonly string[]): Promise<ResultPart[]> {
  const places = ids.map((id) => parseTaskId(id));
  const names = [...new Set(places.map(({ job }) => job))];
  const jobs = new Map(await Promise.all(names.map(async (job) => [job, await core.jobs.load(job)] as const)));
  const parts: ResultPart[] = [];
  for (const { job, index } of places) {
    const outcomes = jobs.get(job);
    await outcomes?.submitted;
    if (outcomes && holdsIndex(outcomes.purged, index)) throw new UnknownTask(`task ${taskId(job, index)} was purged`);
    if (!outcomes?.header || index >= outcomes.header.tasks) {
      throw new UnknownTask(
        `task ${taskId(job, index)} is not known: its job has ${outcomes?.header?.tasks ?? 0} tasks`,
      );
    }
    addTask(parts, { outcomes, from: index, to: index + 1 });
  }
  return parts;
}

/** Appends a task, to the last part where it continues it. */
export function addTask(parts: ResultPart[], task: ResultPart): void {
  const last = parts.at(-1);
  if (last?.outcomes === task.outcomes && last.to === task.from) last.to = task.to;
  else parts.push(task);
}
