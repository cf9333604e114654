import { gatheredPage, type LooseSpec } from "../core/gathered-page.ts";
import { NotFinished, UnknownTask } from "../protocol/errors.ts";
import type { JobFlags } from "../protocol/flags.ts";
import { countIndexes, type IndexRange, indexesOf } from "../protocol/index-ranges.ts";
import { resubmittedKey } from "../protocol/rows.ts";
import type { JobHeader, ResubmitMessage, SubmittedJob } from "../protocol/scheduler-messages.ts";
import { chunkBounds, type SpecPage } from "../protocol/spec-page.ts";
import { taskId } from "../protocol/task-id.ts";
import type { Cluster } from "./cluster.ts";
import { firstUnfinished } from "./finished.ts";
import { specPages } from "./grant.ts";
import { headerOf, readJob } from "./jobs.ts";
import { submit } from "./submit.ts";

/** Pieces of ranges that the job's row has room for. */
const HEADER_RANGES = 16;

/** Tasks whose specs are copied at a time, so that a large job needs no more memory than a small one. */
const PART_TASKS = 2000;

interface Resubmission {
  old: JobHeader;
  ranges: IndexRange[];
  header: JobHeader;
}

/**
 * Runs finished tasks once more, as new jobs of the same functions and arguments. All are checked before anything is written;
 * the rest is a `submit` of the copied specs, so a repeated message is the same resubmission.
 *
 * @returns the new jobs' headers
 * @throws UnknownTask, NotFinished that names the first task without an outcome, and whatever `submit` throws
 */
export async function resubmit(cluster: Cluster, message: ResubmitMessage): Promise<JobHeader[]> {
  const again = await Promise.all(message.jobs.map((job) => planned(cluster, job, message)));
  for (const { header, old, ranges } of again) {
    await copy(cluster, { header, old, ranges });
    // Last: a link to a job that was refused would lead nowhere.
    await cluster.store.write([{ ...resubmittedKey(old.id, header.id), body: JSON.stringify({ ranges }) }]);
  }
  return again.map(({ header }) => cluster.headers.get(header.id) ?? header);
}

async function planned(
  cluster: Cluster,
  { id, from, ranges: asked }: ResubmitMessage["jobs"][number],
  message: ResubmitMessage,
): Promise<Resubmission> {
  const row = await readJob(cluster, from);
  if (!row) throw new UnknownTask(`job ${from} is not known: never submitted, purged or expired`);
  const old = headerOf(row);
  const ranges: IndexRange[] = asked ?? [[0, old.tasks]];
  const beyond = ranges.find(([, to]) => to > old.tasks);
  if (beyond) throw new UnknownTask(`task ${taskId(from, beyond[1] - 1)} is not known: its job has ${old.tasks} tasks`);
  if (row.state !== "closed") {
    const missing = await firstUnfinished(cluster, from, ranges);
    if (missing !== undefined) throw new NotFinished(taskId(from, missing));
  }
  return { old, ranges, header: newHeader(id, old, ranges, message) };
}

function newHeader(id: string, old: JobHeader, ranges: IndexRange[], message: ResubmitMessage): JobHeader {
  const { shape, chunked, pageTasks, specBytes } = old;
  const { submitted, client, without } = message;
  const tasks = countIndexes(ranges);
  const flags = { ...old.flags, ...message.flags };
  const kept = Object.fromEntries(Object.entries(flags).filter(([name]) => !without.includes(name))) as JobFlags;
  const label = message.label ?? (without.includes("label") ? undefined : old.label);
  const few =
    ranges.length <= HEADER_RANGES ? { ranges: ranges.map(([from, to]): [number, number] => [from, to]) } : {};
  return {
    ...{ id, tasks, items: chunked ? itemsOf(old, ranges) : tasks, shape, chunked, pageTasks, specBytes },
    ...{ flags: kept, submitted, client, resubmitOf: { job: old.id, ...few } },
    ...(label === undefined ? {} : { label }),
    ...(old.names ? { names: old.names } : {}),
  };
}

/** Items of some chunks. In order, they are balanced chunks again: the longer ones come first. */
function itemsOf({ items, tasks }: JobHeader, ranges: readonly IndexRange[]): number {
  let count = 0;
  for (const task of indexesOf(ranges)) {
    const { from, to } = chunkBounds(items, tasks, task);
    count += to - from;
  }
  return count;
}

/** Submits the specs of the tasks under the new header, a part at a time. */
async function copy(cluster: Cluster, { old, ranges, header }: Resubmission): Promise<void> {
  const indexes = [...indexesOf(ranges)];
  const step = Math.ceil(PART_TASKS / header.pageTasks) * header.pageTasks;
  for (let from = 0; from < indexes.length; from += step) {
    const specs = await looseSpecs(cluster, old, indexes.slice(from, from + step));
    const pages: [number, SpecPage][] = [];
    for (let at = 0; at < specs.length; at += header.pageTasks)
      pages.push([from + at, gatheredPage(specs.slice(at, at + header.pageTasks))]);
    const job: SubmittedJob = { header, pages, last: from + step >= indexes.length };
    await submit(cluster, { type: "submit", units: [], jobs: [job] });
  }
}

async function looseSpecs(cluster: Cluster, old: JobHeader, indexes: readonly number[]): Promise<LooseSpec[]> {
  const pages = await specPages(
    cluster,
    old,
    indexes.map((index): IndexRange => [index, index + 1]),
  );
  return indexes.map((index) => {
    const first = index - (index % old.pageTasks);
    const page = pages.get(first);
    const spec = page?.tasks[index - first];
    const fn = spec && page?.functions[spec[0]];
    if (!spec || !fn)
      throw new UnknownTask(`task ${taskId(old.id, index)} has no spec: its submission was not completed`);
    return { fn, args: spec[1] };
  });
}
