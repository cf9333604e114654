import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { ValueLost } from "../../client/index.ts";
import type { Cloud } from "../../client/local/index.ts";
import { task } from "../../client/task.ts";
import { TestCluster } from "./a-cluster.ts";
import { expectFewRequests, requests } from "./few-requests.ts";
import { Gate, opened } from "./gate.ts";
import { readTables } from "./read-tables.ts";

const range = (n: number) => Array.from({ length: n }, (_, index) => index);
/** Returns a value that no other task returns. */
const letters = (x: number) => `${x} ${"y".repeat(20_000)}`;
/** Returns numbers that no other test uses: equal values would be in the same pack. */
const from = (first: number) => range(9).map((x) => first + x);

/** Returns the names of the packs with a job's results, in the order of its outcome pages. */
async function packsOf(cloud: Cloud, job: string): Promise<string[]> {
  const rows = [...(await readTables(cloud))].flatMap(([pk, partition]) =>
    pk.startsWith(`job#${job}#`) ? [...partition.values()] : [],
  );
  const outcomes = rows.filter(({ sk }) => sk.startsWith("o#"));
  const names = outcomes.flatMap(({ body }) =>
    [...body.matchAll(/"pack":"([\w-]{22})"/g)].map(([, name = ""]) => name),
  );
  return [...new Set(names)];
}

/** Accesses the objects of a cluster's bucket, with rights that its client does not have. */
async function atTheBucket(
  { access, connection }: Cloud,
  act: (s3: S3Client, keyOf: (name: string) => { Bucket: string; Key: string }) => Promise<unknown>,
): Promise<void> {
  const { region, endpoints, credentials, blobBucket } = connection;
  const client = (await access.grantees()).find(({ label }) => label === "client");
  if (!endpoints || !credentials || !client) throw new Error("the embedded cloud tells no endpoints");
  const s3 = new S3Client({ region, endpoint: endpoints.s3, credentials, forcePathStyle: true });
  const remove = { effect: "Allow" as const, actions: ["s3:DeleteObject"], resources: ["*"] };
  await access.setStatements(client.arn, [...client.statements, remove]);
  try {
    await act(s3, (name) => ({ Bucket: blobBucket, Key: `blobs/${name}` }));
  } finally {
    await access.setStatements(client.arn, client.statements);
    s3.destroy();
  }
}

describe("large values, on two engines with leases of 50", () => {
  const cluster = new TestCluster({ hwm: 50 });
  const view = () => cluster.client.loadBalancedView();

  // `npm run test:slow` sends 500.
  test("40 items of 100 KB in both directions take at most a fifth of a request each, or three per report", async () => {
    await expectFewRequests(cluster, 40);
  }, 120_000);

  test("results in packs can be arguments of other jobs, of children of tasks, and of a resubmission", async () => {
    const parents = view().map(letters, range(5));
    const sizes = view().apply((texts: string[]) => texts.map(({ length }) => length), parents);
    expect(await sizes).toEqual(range(5).map((x) => letters(x).length));
    const rows = range(4).map((x) => letters(x));
    const nested = view().apply(async (texts: string[]) => {
      const { view: own } = task();
      return own.map((text: string) => text.slice(0, 9000), texts);
    }, rows);
    expect(await nested).toEqual(rows.map((row) => row.slice(0, 9000)));
    const first = view().map((text: string) => text.length, rows);
    await first;
    expect(await cluster.client.resubmit(first.jobId ?? "")).toEqual(rows.map(({ length }) => length));
  }, 60_000);

  test("another client reads results from their packs", async () => {
    const result = view().map(letters, range(30));
    await result;
    expect(await cluster.client.getResult(result.jobId ?? "")).toEqual(range(30).map(letters));
  });

  test("a pack that is missing, cut short or changed fails its own items by name, and the others arrive", async () => {
    const results = [view().map(letters, from(100)), view().map(letters, from(200)), view().map(letters, from(300))];
    const kept = view().map((x: number) => `kept ${"z".repeat(9000 + x)}`, range(9));
    await Promise.all([...results, kept]);
    // One after the other: each call borrows the right to scan and gives it back.
    const packs: string[][] = [];
    for (const { jobId } of results) packs.push(await packsOf(cluster.cloud, jobId ?? ""));
    await atTheBucket(cluster.cloud, async (s3, keyOf) => {
      for (const name of packs[0] ?? []) await s3.send(new DeleteObjectCommand(keyOf(name)));
      for (const name of packs[1] ?? []) await s3.send(new PutObjectCommand({ ...keyOf(name), Body: "short" }));
      for (const name of packs[2] ?? [])
        await s3.send(new PutObjectCommand({ ...keyOf(name), Body: Buffer.alloc(300_000) }));
    });
    for (const [at, { jobId }] of results.entries()) {
      const read = await cluster.client.getResult(jobId ?? "").get({ returnExceptions: true });
      const failed = (read as unknown[]).filter((one) => one instanceof ValueLost);
      expect(failed.length).toBeGreaterThan(0);
      for (const one of failed) expect(packs[at]?.some((name) => String(one).includes(name))).toBe(true);
    }
    expect(await cluster.client.getResult(kept.jobId ?? "")).toHaveLength(9);
    const lost = view().apply((texts: unknown) => texts, cluster.client.getResult(results[0]?.jobId ?? ""));
    await expect(lost).rejects.toMatchObject({
      code: "EngineError",
      evalue: expect.stringMatching(/pack [\w-]{22} is not in the S3 bucket/),
    });
  }, 60_000);
});

describe("an engine that dies between storing a pack and reporting it", () => {
  const cluster = new TestCluster({ hwm: 10, pools: [{ name: "default", count: 1 }] });

  test("an engine that dies between storing a pack and reporting it loses nothing", async () => {
    const gate = new Gate();
    await cluster.cloud.resetMeter();
    const result = cluster.client.loadBalancedView({ retries: 1 }).map(
      async (x: number, path: string) => {
        if (x === 9) await opened(path);
        return letters(x);
      },
      range(10),
      range(10).map(() => gate.path),
    );
    const arrived = result.get();
    await expect
      .poll(async () => (await requests(cluster.cloud)).engine?.puts, { timeout: 30_000, interval: 50 })
      .toBeGreaterThan(0);
    await cluster.cloud.faults.killEngine();
    gate.open();
    expect(await arrived).toEqual(range(10).map(letters));
  }, 60_000);
});
