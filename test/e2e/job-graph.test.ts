import { expect, test } from "vitest";
import { connectClient } from "../../client/commands/connect-client.ts";
import { jobGraph } from "../../client/dashboard/job-graph.ts";
import { TestCluster } from "./a-cluster.ts";

const cluster = new TestCluster();

test("the graph of a job reaches over the jobs of the tasks that it waits for", async () => {
  const view = cluster.client.loadBalancedView();
  const first = view.map((x: number) => x, [1, 2]);
  const middle = view.withFlags({ after: first }).apply(() => 1);
  const last = view.withFlags({ after: [middle, first] }).map((x: number) => x, [1, 2, 3]);
  await last;
  const { core } = await connectClient({ urlFile: cluster.cloud.urlFile });
  const { ids, states, edges, left } = await jobGraph(core, last.jobId);
  const waits = Array.from(
    { length: edges.length / 2 },
    (_, at) => `${ids[edges[2 * at] ?? 0]} ${ids[edges[2 * at + 1] ?? 0]}`,
  );
  const [one] = middle.taskIds;
  const expected = [
    ...last.taskIds.flatMap((id) => [one, ...first.taskIds].map((parent) => `${parent} ${id}`)),
    ...first.taskIds.map((parent) => `${parent} ${one}`),
  ];
  expect(waits.sort()).toEqual(expected.sort());
  expect(left).toBe(0);
  expect(ids.map((id, at) => (last.taskIds.includes(id) ? states[at] === null : states[at] === "ok"))).not.toContain(
    false,
  );
  expect(await jobGraph(core, first.jobId)).toEqual({ ids: [], states: [], edges: [], left: 0 });
  await core.close();
});
