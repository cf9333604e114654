import { expect, test } from "vitest";
import { EventStream } from "../../client/dashboard/event-stream.ts";
import type { JobUpdate } from "../../client/dashboard/live-data.ts";
import { Client } from "../../client/index.ts";
import type { ContractCluster } from "./contract-cluster.ts";

/** Tests what a dashboard reads from a cloud. */
export function dashboardScenario(cluster: ContractCluster): void {
  test("a dashboard shows a job of another client, with its failure, its arguments and its cost", async () => {
    const view = await cluster.view({ label: "seen" });
    const result = view.map(
      (x: number) => {
        if (x === 7) throw new RangeError("no seven");
        return x;
      },
      [5, 6, 7],
    );
    await expect(result).rejects.toMatchObject({ code: "CompositeError" });
    const reader = await Client.connect(cluster.cloud.address);
    try {
      await using dashboard = await reader.dashboard();
      const { job, failures } = await jobUpdate(dashboard.url, result.jobId);
      expect(job).toMatchObject({ label: "seen", state: "failed", tasks: 3, done: 2, failed: 1 });
      expect(job.usd).toBeGreaterThan(0);
      expect(failures.set).toMatchObject([{ name: "RangeError", message: "no seven", tasks: [2], args: { 2: "7" } }]);
    } finally {
      await reader.close();
    }
  });
}

/** Opens a job's page as a browser would, and returns the first update about the job. */
async function jobUpdate(address: string, job: string): Promise<JobUpdate> {
  const { origin, hash } = new URL(address);
  const headers = { authorization: `Bearer ${hash.replace("#key=", "")}` };
  const { body } = await fetch(`${origin}/events?job=${job}`, { headers });
  const stream = new EventStream();
  const texts = new TextDecoder();
  for await (const part of body ?? [])
    for (const { name, data } of stream.add(texts.decode(part, { stream: true })))
      if (name === "job") return JSON.parse(data);
      else if (name === "trouble") throw new Error(data);
  throw new Error("the dashboard ended the stream");
}
