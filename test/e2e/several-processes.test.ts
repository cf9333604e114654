import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Client } from "../../client/index.ts";
import { TestCluster } from "./a-cluster.ts";

const cluster = new TestCluster();
const range = (n: number) => Array.from({ length: n }, (_, index) => index);

test("two clients at once each get their own results", async () => {
  const other = await Client.connect({ urlFile: cluster.cloud.urlFile });
  try {
    const [mine, theirs] = await Promise.all([
      cluster.client.loadBalancedView().map((x: number) => x + 1, range(500)),
      other.loadBalancedView().map((x: number) => x - 1, range(500)),
    ]);
    expect(mine).toEqual(range(500).map((x) => x + 1));
    expect(theirs).toEqual(range(500).map((x) => x - 1));
  } finally {
    await other.close();
  }
});

test("a client is killed in the middle of its map, and another process picks the job up by its id", async () => {
  const script = fileURLToPath(new URL("a-doomed-client.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, cluster.cloud.urlFile], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [jobId] = (await once(createInterface(child.stdout), "line")) as [string];
  child.kill("SIGKILL");
  await once(child, "exit");
  const results = await cluster.client.getResult<number[]>(jobId);
  expect(results).toEqual(range(60).map((x) => x * 2));
  expect(await cluster.client.getResult<number>(`${jobId}.7`)).toBe(14);
});
