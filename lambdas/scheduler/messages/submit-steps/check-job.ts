import { ANY_ENGINE, queueName } from "../../../core/queue-name.ts";
import { Refused } from "../../../protocol/errors.ts";
import type { SubmittedJob } from "../../../protocol/scheduler-messages.ts";
import type { Configured } from "../../ports/cluster-config.ts";
import type { EngineReads } from "../../rows/row-access.ts";
import { checkTargets } from "./check-targets.ts";

/**
 * Checks that a job can be accepted and returns its queue.
 *
 * @throws NoEnginesRegistered, InvalidFlag for targets that cannot be met, Refused for pages that do not fit the job
 */
export async function checkedQueue(cluster: EngineReads & Configured, job: SubmittedJob): Promise<string> {
  const queue = queueName(job.header.flags, cluster.config.pools);
  if (queue !== ANY_ENGINE) await checkTargets(cluster, job.header, queue);
  checkPages(job);
  return queue;
}

/** Refuses spec pages that do not match the job's tasks, in position or length. */
function checkPages({ header, pages, last }: SubmittedJob): void {
  let at = pages[0]?.[0] ?? 0;
  for (const [first, page] of pages) {
    const due = Math.min(header.pageTasks, header.tasks - first);
    if (first % header.pageTasks !== 0 || first !== at || page.tasks.length !== due)
      throw new Refused(
        `job ${header.id}: the page of tasks that begins at task ${first} does not fit the job. This is a bug in fantail: please report it`,
      );
    const stray = page.tasks.find(([fn]) => fn >= page.functions.length);
    if (stray)
      throw new Refused(
        `job ${header.id}: a task of the page that begins at task ${first} refers to function ${stray[0]}, which is not in the page. This is a bug in fantail: please report it`,
      );
    at = first + due;
  }
  // Only a job in one part is checked as a whole: the last of several parts does not begin at the first task.
  if (last && pages[0]?.[0] === 0 && at < header.tasks)
    throw new Refused(
      `job ${header.id}: only ${at} of its ${header.tasks} tasks were sent. This is a bug in fantail: please report it`,
    );
}
