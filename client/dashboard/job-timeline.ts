import type { CloudPort } from "../cluster/cloud-port.ts";
import type { JobRegistry } from "../outcomes/job-registry.ts";
import { wholePart } from "../outcomes/result-part.ts";
import { collectTimeline } from "../results/collect-timeline.ts";
import { type Waiting, waitForTasks } from "../results/task-wait.ts";
import { type TimelineData, timelineData } from "../timeline/timeline-data.ts";

/** Maximum number of tasks in the timeline of a job: the first ones. */
const MAX_TASKS = 20_000;

/** The parts of a client that collect a timeline. */
export interface JobTimelinePorts extends Waiting {
  cloud: CloudPort;
  jobs: JobRegistry;
}

/**
 * Reads which engine ran which of a job's tasks, and when.
 *
 * @throws UnknownTask
 */
export async function jobTimeline(ports: JobTimelinePorts, job: string): Promise<TimelineData> {
  const { outcomes, to } = wholePart(await ports.jobs.load(job));
  const part = { outcomes, from: 0, to: Math.min(to, MAX_TASKS) };
  await waitForTasks(ports, [part], { timeoutMs: 0 });
  return timelineData(await collectTimeline(ports.cloud, [part]));
}
