import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { Cloud } from "../../client/local/index.ts";
import type { TestCluster } from "./a-cluster.ts";

const ITEM_BYTES = 100 * 1024;

/** Counts the S3 requests of all callers since the meter was reset. */
export async function requests(cloud: Cloud): Promise<Record<string, { puts: number; gets: number }>> {
  const { traffic } = await cloud.meter();
  const callers = Object.entries(traffic.s3 ?? {});
  return Object.fromEntries(
    callers.map(([caller, { operations }]) => [
      caller,
      { puts: operations.PutObject ?? 0, gets: operations.GetObject ?? 0 },
    ]),
  );
}

/** Sends items of 100 KB to a cluster and back. Expects at most a fifth of a request to S3 for each, or three per report. */
export async function expectFewRequests(cluster: TestCluster, items: number): Promise<void> {
  const data = Array.from({ length: items }, () => new Uint8Array(randomBytes(ITEM_BYTES)));
  await cluster.cloud.resetMeter();
  const result = await cluster.client.loadBalancedView().map((bytes: Uint8Array) => bytes, data);
  for (const [at, bytes] of result.entries()) expect(Buffer.compare(bytes, data[at] ?? new Uint8Array())).toBe(0);
  const { client, engine } = await requests(cluster.cloud);
  const total = [client, engine].reduce((sum, one) => sum + (one?.puts ?? 0) + (one?.gets ?? 0), 0);
  const { invocations } = await cluster.cloud.meter();
  const reports = Object.values(invocations).reduce((sum, one) => sum + one.requestResponse, 0);
  // A slow machine reports more often, and each report creates a pack: stored, read, and used as an argument.
  const most = Math.max(items / 5, 3 * reports + 9);
  expect(total, JSON.stringify({ client, engine, reports })).toBeLessThanOrEqual(most);
}
