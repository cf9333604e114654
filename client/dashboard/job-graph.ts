import { parseTaskId, taskId } from "../../lambdas/protocol/task-id.ts";
import type { JobRegistry } from "../outcomes/job-registry.ts";
import type { JobOutcomes } from "../outcomes/outcome-store.ts";
import { wholePart } from "../outcomes/result-part.ts";
import type { TaskLinkReader, TaskLinks } from "../outcomes/task-links.ts";
import { type Waiting, waitForTasks } from "../results/task-wait.ts";
import type { GraphData } from "./live-data.ts";

/** Maximum size of a graph. */
const MAX_TASKS = 3000;
const MAX_EDGES = 10_000;

/** The parts of a client that read which tasks wait for which. */
export interface GraphPorts extends Waiting {
  jobs: JobRegistry;
  links: TaskLinkReader;
}

/** A job with a task in the graph. */
interface LinkedJob {
  outcomes: JobOutcomes;
  links: (task: number) => TaskLinks;
}

/**
 * Reads the graph of a job: its tasks that wait for others or are waited for by them, and the tasks of other jobs for
 * which they wait, directly or not.
 *
 * @throws UnknownTask
 */
export async function jobGraph(ports: GraphPorts, job: string): Promise<GraphData> {
  const jobs = new Map<string, LinkedJob>();
  const places = new Map<string, number>();
  const edges: number[] = [];
  let left = 0;
  const placeOf = (id: string) => {
    const known = places.get(id);
    if (known !== undefined || places.size >= MAX_TASKS) return known;
    places.set(id, places.size);
    return places.size - 1;
  };
  const link = async (id: string) => {
    const { job: own, index } = parseTaskId(id);
    const { links } = await linkedJob(ports, jobs, own);
    const { after, follow } = links(index);
    for (const parent of new Set([...after, ...follow])) {
      const [from, to] = [placeOf(parent), placeOf(id)];
      const fits = from !== undefined && to !== undefined && edges.length < 2 * MAX_EDGES;
      if (fits) edges.push(from, to);
      else left++;
    }
  };
  const { outcomes } = await linkedJob(ports, jobs, job);
  for (let task = 0; task < wholePart(outcomes).to; task++) await link(taskId(job, task));
  // The map grows while it is read.
  for (const id of places.keys()) if (!id.startsWith(job)) await link(id);
  const ids = [...places.keys()];
  const states = ids.map((id) => {
    const { job: own, index } = parseTaskId(id);
    return own === job ? null : (jobs.get(own)?.outcomes.final(index)?.status ?? "pending");
  });
  return { ids, states, edges, left };
}

async function linkedJob(ports: GraphPorts, jobs: Map<string, LinkedJob>, job: string): Promise<LinkedJob> {
  const known = jobs.get(job);
  if (known) return known;
  const outcomes = await ports.jobs.load(job);
  await waitForTasks(ports, [wholePart(outcomes)], { timeoutMs: 0 });
  const linked = { outcomes, links: await ports.links.of(outcomes) };
  jobs.set(job, linked);
  return linked;
}
