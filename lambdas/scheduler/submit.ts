import type { Hint } from "../core/hint.ts";
import { ANY_ENGINE, engineIds, isEligible, queueClass } from "../core/queue-class.ts";
import { InvalidFlag, NoEnginesRegistered, Refused } from "../protocol/errors.ts";
import { codeKey, dayKey, jobKey, OPEN_PARTITION, type Row, specPageKey } from "../protocol/rows.ts";
import type { JobHeader, SubmitMessage, SubmittedJob } from "../protocol/scheduler-messages.ts";
import type { Cluster } from "./cluster.ts";
import { classRows, expiryRow, requeueRows } from "./hint-rows.ts";
import { headerOf } from "./jobs.ts";
import { place } from "./place.ts";

/** A client's clock that is further off than this is not used for deadlines. */
const CLOCK_SLACK_MS = 5000;

/**
 * Takes jobs in: spec pages, then the job's row, then the hint, then `place`. The row is put once, under the client's
 * id, so a repeated submit is the same submit and goes on where the first one died.
 *
 * @throws NoEnginesRegistered, InvalidFlag, Refused before anything is written
 */
export async function submit(cluster: Cluster, message: SubmitMessage): Promise<void> {
  const jobs = message.jobs.map((job) => ({ ...job, queue: checkedClass(cluster, job) }));
  const now = cluster.now();
  const rows: Row[] = message.units.map(({ hash, body }) => ({ ...codeKey(hash), body }));
  for (const { header, pages } of jobs) {
    for (const [first, page] of pages) {
      rows.push({ ...specPageKey(header.id, first), body: JSON.stringify(page) });
      cluster.specs.set(`${header.id}#${first}`, page);
    }
    rows.push({ pk: OPEN_PARTITION, sk: header.id, body: "{}" });
    const about = { tasks: header.tasks, label: header.label, client: header.client };
    rows.push({ ...dayKey(new Date(header.submitted).toISOString(), header.id), body: JSON.stringify(about) });
  }
  for (const { hash, body } of message.units) cluster.units.set(hash, body);
  await cluster.store.write(rows);
  const opened: { hint: Hint; header: JobHeader }[] = [];
  await Promise.all(
    jobs.map(async (job) => {
      const header = await putJob(cluster, job, now);
      if (header) opened.push({ header, hint: cursorHint(header, job.queue, now) });
    }),
  );
  if (opened.length === 0) return;
  const hints = opened.flatMap(({ hint, header }) => [
    ...requeueRows([{ hint }], now, header.flags.timeoutMs),
    ...(header.flags.deadlineMs ? [expiryRow(header.submitted + header.flags.deadlineMs, header.id, hint.queue)] : []),
  ]);
  const queues = [...new Set(opened.map(({ hint }) => hint.queue))];
  await cluster.store.write([...hints, ...classRows(queues)]);
  await place(cluster, queues);
}

/** The hint at a job's cursor. */
export function cursorHint(header: JobHeader, queue: string, queued: number): Hint {
  const { id, tasks, specBytes, flags } = header;
  return { job: id, queue, priority: flags.priority ?? 0, queued, tasks, specBytes, scheme: flags.scheme };
}

/** Puts a job's row. Its header when the job is open now, `undefined` while more parts are to come. */
async function putJob(cluster: Cluster, job: SubmittedJob, now: number): Promise<JobHeader | undefined> {
  const { header } = job;
  const submitted = Math.abs(header.submitted - now) > CLOCK_SLACK_MS ? now : header.submitted;
  const kept: JobHeader = { ...header, submitted };
  const key = jobKey(header.id);
  const state = job.last ? "open" : "submitting";
  const standing = await cluster.store.putOnce({
    ...key,
    body: JSON.stringify(kept),
    from: 0,
    to: header.tasks,
    state,
  });
  cluster.headers.set(header.id, standing ? headerOf(standing) : kept);
  if (!job.last) return undefined;
  if (standing?.state === "submitting") await cluster.store.mark(key, { state: "open" });
  else if (standing?.state === "closed") return undefined;
  return standing ? headerOf(standing) : kept;
}

/** The queue class of a job that can be taken. */
function checkedClass(cluster: Cluster, { header, pages, last }: SubmittedJob): string {
  const { pools } = cluster.config;
  const queue = queueClass(header.flags, pools);
  if (queue !== ANY_ENGINE) checkEngines(cluster, header, queue);
  let at = pages[0]?.[0] ?? 0;
  for (const [first, page] of pages) {
    const due = Math.min(header.pageTasks, header.tasks - first);
    if (first % header.pageTasks !== 0 || first !== at || page.tasks.length !== due)
      throw new Refused(`job ${header.id}: the spec page at ${first} does not hold the ${due} tasks that belong there`);
    const stray = page.tasks.find(([fn]) => fn >= page.functions.length);
    if (stray)
      throw new Refused(
        `job ${header.id}: a task of the page at ${first} names function ${stray[0]}, which the page lacks`,
      );
    at = first + due;
  }
  // The last part of several does not begin at the first task.
  if (last && pages[0]?.[0] === 0 && at < header.tasks)
    throw new Refused(`job ${header.id}: its pages end at task ${at} of ${header.tasks}`);
  return queue;
}

function checkEngines(cluster: Cluster, header: JobHeader, queue: string): void {
  const { pools } = cluster.config;
  const { targets, memoryMb } = header.flags;
  const known = pools.flatMap((pool) => engineIds([pool], pools).map((id) => ({ id, pool: pool.name })));
  const ids = Array.isArray(targets) ? targets : [];
  const strange = ids.filter((id) => !known.some((engine) => engine.id === id));
  if (strange.length > 0)
    throw new NoEnginesRegistered(
      `targets: no engine ${strange.join(", ")}; there are engines 0 to ${known.length - 1}`,
    );
  if (known.some((engine) => isEligible(engine, queue))) return;
  if (memoryMb !== undefined && targets === undefined)
    throw new InvalidFlag(
      "memoryMb",
      `no pool has ${memoryMb} MB; the largest has ${Math.max(...pools.map((pool) => pool.memoryMb))}`,
    );
  throw new NoEnginesRegistered(
    `targets: no pool ${String(targets)}; there are ${pools.map(({ name }) => name).join(", ")}`,
  );
}
