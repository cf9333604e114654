import { createHash } from "node:crypto";
import { statSync } from "node:fs";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Client } from "../../client/index.ts";
import { type Cloud, startCloud } from "../../client/local/index.ts";
import { forge, type Prey, trespass } from "./trespass.ts";

/** Content of a blob that a client has stored. */
const BLOB = "a blob of a client's";
const HASH = createHash("sha256").update(BLOB).digest("hex");

// Tasks find their engine's credentials in a file of Linux, on which Lambda's engines run.
describe.skipIf(process.platform !== "linux")("a hostile task of a tenant", () => {
  let cloud: Cloud;
  let client: Client;
  beforeAll(async () => {
    const pools = ["a", "b"].map((name) => ({ name, count: 1 }));
    cloud = await startCloud({ pools, tenants: ["alice", "bob"], tuning: { ruleEveryMs: 3_600_000 } });
    client = await Client.connect({ urlFile: cellOf("alice").urlFile });
    for (const tenant of ["alice", "bob"]) await storage(tenant).put(BLOB);
  });
  afterAll(async () => {
    await client.close();
    await cloud.close();
  });

  function cellOf(tenant: string) {
    const cell = cloud.tenants[tenant];
    if (!cell) throw new Error(`no tenant ${tenant}`);
    return cell;
  }

  /** Returns a cell's rows and blobs, as its client can see them. */
  function storage(tenant: string) {
    const { region, endpoints, credentials, blobBucket } = cellOf(tenant).connection;
    if (!endpoints || !credentials) throw new Error("an embedded cloud has endpoints and credentials");
    const s3 = new S3Client({ region, credentials: { ...credentials }, endpoint: endpoints.s3, forcePathStyle: true });
    const there = { Bucket: blobBucket, Key: `blobs/${HASH}` };
    return {
      put: (Body: string) => s3.send(new PutObjectCommand({ ...there, Body })),
      get: async () => (await s3.send(new GetObjectCommand(there))).Body?.transformToString(),
    };
  }

  /** Returns everything that belongs to a tenant, found by the names of functions in the template. */
  async function preyOf(tenant: string): Promise<Prey> {
    const { taskTable, engineTable, blobBucket } = cellOf(tenant).connection;
    const names = (await cloud.access.grantees()).map(({ arn }) => arn.split("/").at(-1) ?? "");
    const own = names.filter((name) => name.toLowerCase().includes(tenant));
    const report = own.find((name) => name.includes("Report")) ?? "";
    return {
      tables: [taskTable, engineTable],
      bucket: blobBucket,
      blob: HASH,
      functions: own.filter((name) => name.includes("Function") && name !== report),
      report,
      rules: (await cloud.rules()).map(({ name }) => name),
    };
  }

  const run = (prey: Prey) => client.loadBalancedView({ targets: "a" }).apply(trespass, prey);
  const done = (outcomes: Record<string, string>) =>
    Object.fromEntries(Object.entries(outcomes).filter(([, outcome]) => outcome !== "denied"));

  test("a hostile task may report, read blobs and write new ones, and nothing else in its own cell", async () => {
    const prey = await preyOf("alice");
    expect(prey).toMatchObject({
      functions: { length: 3 },
      report: expect.stringMatching(/alice/),
      rules: { length: 2 },
    });
    const outcomes = await run(prey);
    expect(Object.keys(outcomes).length).toBeGreaterThan(45);
    expect(done(outcomes)).toEqual({
      "invoke report": "done",
      "read a blob": "done",
      "write a new blob": "done",
      // The condition that the blob is new allows the request, and S3 then sees that it is not.
      "create a blob that is there": "PreconditionFailed",
    });
    expect(await storage("alice").get()).toBe(BLOB);
  });

  test("a hostile task is refused whatever it sends in the name of others, and disturbs no work", async () => {
    const { report } = await preyOf("alice");
    const other = client.loadBalancedView({ targets: "b" }).map((x: number) => x * 2, [1, 2, 3]);
    const answers = await client.loadBalancedView({ targets: "a" }).apply(forge, report);
    const { "no JSON": noJson, "more than Lambda takes": tooMuch, ...others } = answers;
    expect([noJson, tooMuch]).toEqual(["InvalidRequestContentException", "RequestTooLargeException"]);
    // Lambda's failure record of an unknown session has no effect.
    for (const [said, answer] of Object.entries(others))
      expect(`${said}: ${answer}`).toBe(`${said}: ${said.startsWith("failure") ? "idle" : "refused"}`);
    expect(await other).toEqual([2, 4, 6]);
  });

  test("no other user of the machine can read a tenant's connection file", () => {
    for (const tenant of ["alice", "bob"]) expect(statSync(cellOf(tenant).urlFile).mode & 0o777).toBe(0o600);
  });

  test("a hostile task has no rights in another tenant's cell", async () => {
    const prey = await preyOf("bob");
    expect(prey).toMatchObject({ functions: { length: 3 }, report: expect.stringMatching(/bob/) });
    expect(done(await run(prey))).toEqual({});
    expect(await storage("bob").get()).toBe(BLOB);
  });
});
