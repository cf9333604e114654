import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { DynaliteStore } from "../../client/local/dynamodb/dynalite-store.ts";

interface Database {
  attachResource(resource: unknown): void;
  detachResource(resource: unknown): void;
}

/** Counts LevelDB's open iterators: each is a resource of its database until it is closed. */
function countOpen(): { now: () => number; ever: () => number } {
  const require = createRequire(createRequire(import.meta.url).resolve("dynalite"));
  const { AbstractLevel } = require("abstract-level") as { AbstractLevel: { prototype: Database } };
  const { prototype } = AbstractLevel;
  const { attachResource, detachResource } = prototype;
  const open = new Set<unknown>();
  let opened = 0;
  prototype.attachResource = function (resource) {
    open.add(resource);
    opened++;
    attachResource.call(this, resource);
  };
  prototype.detachResource = function (resource) {
    open.delete(resource);
    detachResource.call(this, resource);
  };
  onTestFinished(() => void Object.assign(prototype, { attachResource, detachResource }));
  return { now: () => open.size, ever: () => opened };
}

const TABLE = {
  TableName: "Rows",
  BillingMode: "PAY_PER_REQUEST",
  AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
  KeySchema: [
    { AttributeName: "pk", KeyType: "HASH" },
    { AttributeName: "sk", KeyType: "RANGE" },
  ],
};
const ROWS = 300;
const digits = (n: number) => String(n).padStart(4, "0");

async function filled(path: string | undefined): Promise<DynaliteStore> {
  const store = new DynaliteStore(path);
  onTestFinished(() => store.close());
  await store.call("CreateTable", TABLE);
  while (!(await store.call("DescribeTable", { TableName: "Rows" })).body.includes("ACTIVE"));
  for (let n = 0; n < ROWS; n++) {
    const Item = { pk: { S: "p" }, sk: { S: digits(n) }, body: { S: "x".repeat(100) } };
    expect((await store.call("PutItem", { TableName: "Rows", Item })).status).toBe(200);
  }
  return store;
}

const query = (from: number, to: number, more = {}) => ({
  TableName: "Rows",
  KeyConditionExpression: "pk = :p AND sk BETWEEN :from AND :to",
  ExpressionAttributeValues: { ":p": { S: "p" }, ":from": { S: digits(from) }, ":to": { S: digits(to) } },
  ...more,
});

async function keysOf(store: DynaliteStore, operation: string, parameters: object): Promise<string[]> {
  const { body } = await store.call(operation, parameters);
  return (JSON.parse(body) as { Items: { sk: { S: string } }[] }).Items.map(({ sk }) => sk.S);
}

test.each([
  ["in memory", () => undefined],
  [
    "in a folder",
    () => {
      const folder = mkdtempSync(join(tmpdir(), "fantail-test-"));
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
      return folder;
    },
  ],
])("answered queries of tables %s keep no iterator open", async (_, path) => {
  const open = countOpen();
  const store = await filled(path());
  const [before, ever] = [open.now(), open.ever()];
  for (let n = 0; n < 50; n++) {
    expect(await keysOf(store, "Query", query(n, n))).toEqual([digits(n)]);
    expect(await keysOf(store, "Query", query(0, ROWS))).toHaveLength(ROWS);
    // One query is cut off by its limit, and one has no results.
    expect(await keysOf(store, "Query", query(0, ROWS, { Limit: 7 }))).toEqual([...Array(7).keys()].map(digits));
    expect(await keysOf(store, "Query", query(ROWS, 9999))).toEqual([]);
    expect(await keysOf(store, "Query", query(0, ROWS, { ScanIndexForward: false, Limit: 1 }))).toEqual([
      digits(ROWS - 1),
    ]);
    expect(await keysOf(store, "Scan", { TableName: "Rows" })).toHaveLength(ROWS);
    expect((await store.call("ListTables", {})).body).toContain("Rows");
  }
  expect(open.ever() - ever).toBeGreaterThanOrEqual(50 * 7);
  // The iterators of the last answers may still be closing.
  await expect.poll(open.now).toBe(before);
});
