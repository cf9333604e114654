import { gatheredPage, type LooseSpec } from "../../core/gathered-page.ts";
import { Renumbering, renewedWaits } from "../../core/renumbering.ts";
import type { WaitGroup } from "../../protocol/dependency.ts";
import { UnknownTask } from "../../protocol/errors.ts";
import { type IndexRange, indexesOf, rangesOf } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { resubmissionLink } from "../../protocol/resubmission-link.ts";
import { resubmittedKey } from "../../protocol/rows.ts";
import type { ResubmitMessage, SubmittedJob } from "../../protocol/scheduler-messages.ts";
import type { SpecPage } from "../../protocol/spec-page.ts";
import { taskId } from "../../protocol/task-id.ts";
import type { GrantContext } from "../placing/placing-context.ts";
import { jobHeader } from "../rows/job-row.ts";
import type { JobAccess } from "../rows/row-access.ts";
import { specPages } from "../rows/spec-pages.ts";
import { waitGraph } from "../rows/wait-rows.ts";
import { impossibleDependents } from "../waiting/impossible-dependents.ts";
import { checkCode } from "./check-code.ts";
import type { Cluster } from "./cluster.ts";
import { checkedResubmission, derivedJobId, mayWait, type Resubmission, resubmissionOf } from "./resubmission.ts";
import { submit } from "./submit.ts";

/** Number of tasks whose specs are copied at once, so that a large job needs no more memory than a small one. */
const PART_TASKS = 2000;

/**
 * Runs finished tasks again, as new jobs with the same functions and arguments and, unless the message changes them,
 * the same dependencies. Dependencies among the tasks refer to the new ones. All tasks are checked before anything is
 * written. Then the copied specs are submitted by `submit`, so a repeated message only completes the same resubmission.
 *
 * @returns the new jobs' headers: those requested, then those of dependents
 * @throws UnknownTask for a task that is unknown, purged or without stored arguments, NotFinished for the first task
 *   without an outcome, CodeShippingOff for tasks of shipped code while shipping is off, and the errors of `submit`
 */
export async function resubmit(cluster: Cluster, message: ResubmitMessage): Promise<JobHeader[]> {
  const asked = await Promise.all(message.jobs.map((job) => checkedResubmission(cluster, job, message)));
  const all = message.downstream ? [...asked, ...(await dependentsOf(cluster, asked, message))] : asked;
  if (!cluster.config.code.shipping) for (const one of all) await checkOldCode(cluster, one);
  const renumbering = new Renumbering(all);
  const lasts: SubmittedJob[] = [];
  for (const one of all) lasts.push(await sendAllButLast(cluster, one, renumbering));
  // The last parts are submitted in one message, so that each job finds the jobs that it depends on, in any order.
  await submit(cluster, { type: "submit", units: [], jobs: lasts });
  // Links are written last: a link to a refused job would lead nowhere.
  const links = all.map(({ from, id, ranges }) => ({
    ...resubmittedKey(from, id),
    body: resubmissionLink.encode({ ranges: ranges.map(([from, to]) => [from, to]) }),
  }));
  await cluster.store.write(links);
  return all.map(({ header }) => cluster.memory.jobs.headers.get(header.id) ?? header);
}

/**
 * Refuses tasks whose code was sent when the cluster still accepted code. Called before any part of the resubmission is
 * submitted.
 */
async function checkOldCode(cluster: GrantContext, { old, ranges }: Resubmission): Promise<void> {
  const indexes = [...indexesOf(ranges)];
  for (let at = 0; at < indexes.length; at += PART_TASKS) {
    const some = indexes.slice(at, at + PART_TASKS).map((index): IndexRange => [index, index + 1]);
    const pages = await specPages(cluster, old, some);
    checkCode(
      cluster,
      [],
      [...pages.values()].flatMap(({ functions }) => functions),
    );
  }
}

/** Resubmissions of tasks that could not run because of the requested ones, with their original flags. */
async function dependentsOf(
  cluster: JobAccess,
  asked: readonly Resubmission[],
  message: ResubmitMessage,
): Promise<Resubmission[]> {
  const [root] = message.jobs;
  if (!root) return [];
  const found = await impossibleDependents(
    cluster,
    asked.map(({ from, ranges }) => ({ job: from, ranges })),
  );
  const again: Resubmission[] = [];
  for (const [job, indexes] of found) {
    const old = await jobHeader(cluster, job);
    const same = { flags: {}, without: [] };
    if (old) again.push(resubmissionOf(derivedJobId(root.id, job), old, rangesOf(indexes), message, same));
  }
  return again;
}

/**
 * Submits all parts of a job but the last and returns the last. The last part contains the wait groups, because only
 * when it is sent do all new jobs have rows.
 */
async function sendAllButLast(cluster: Cluster, one: Resubmission, renumbering: Renumbering): Promise<SubmittedJob> {
  const { old, ranges } = one;
  const indexes = [...indexesOf(ranges)];
  const waits = await newWaits(cluster, one, indexes, renumbering);
  const [firstGroup] = waits;
  const header: JobHeader = { ...one.header, ...(firstGroup ? { free: firstGroup.from } : {}) };
  const step = Math.ceil(PART_TASKS / header.pageTasks) * header.pageTasks;
  for (let from = 0; ; from += step) {
    const specs = await looseSpecs(cluster, old, indexes.slice(from, from + step), renumbering);
    const pages: [number, SpecPage][] = [];
    for (let at = 0; at < specs.length; at += header.pageTasks)
      pages.push([from + at, gatheredPage(specs.slice(at, at + header.pageTasks))]);
    if (from + step >= indexes.length) return { header, pages, ...(firstGroup ? { waits } : {}), last: true };
    await submit(cluster, { type: "submit", units: [], jobs: [{ header, pages, last: false }] });
  }
}

async function newWaits(
  cluster: JobAccess,
  one: Resubmission,
  indexes: readonly number[],
  renumbering: Renumbering,
): Promise<WaitGroup[]> {
  if (!mayWait(one)) return [];
  const graph = await waitGraph(cluster, one.old.id);
  return renewedWaits(one.old.id, indexes, (index) => graph.groupOf(index), renumbering, one.waits);
}

async function looseSpecs(
  cluster: JobAccess,
  old: JobHeader,
  indexes: readonly number[],
  renumbering: Renumbering,
): Promise<LooseSpec[]> {
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
      throw new UnknownTask(
        `task ${taskId(old.id, index)} cannot be resubmitted, because its submission was never completed: submit it again`,
      );
    return { fn, args: renumbering.args(spec[1]) };
  });
}
