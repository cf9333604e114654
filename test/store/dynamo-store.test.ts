import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { DynamoStore } from "../../lambdas/adapters/dynamo-store.ts";
import { RowTtl } from "../../lambdas/adapters/row-ttl.ts";
import type { Store } from "../../lambdas/adapters/store.ts";
import { newEngine } from "../../lambdas/core/engine.ts";
import type { Row } from "../../lambdas/protocol/rows.ts";
import { newFleetMemory } from "../../lambdas/scheduler/memory/fleet-memory.ts";
import { newCluster } from "../../lambdas/scheduler/messages/cluster.ts";
import { listEngines, swapEngine } from "../../lambdas/scheduler/rows/engine-rows.ts";
import { DynamoProxy, type DynamoRequest, THROTTLED } from "./dynamo-proxy.ts";
import { aPartition, storeContract } from "./store-contract.ts";

let proxy: DynamoProxy;
let store: DynamoStore;

beforeAll(async () => {
  proxy = await DynamoProxy.start();
  store = new DynamoStore(proxy.client, { tasks: "tasks", engines: "engines" });
});

afterAll(() => proxy.stop());

afterEach(() => {
  proxy.interfere = () => undefined;
});

/** Interferes with the first request for an action. */
function first(action: string, interference: ReturnType<DynamoProxy["interfere"]>): void {
  let left = 1;
  proxy.interfere = (request) => (request.action === action && left-- > 0 ? interference : undefined);
}

function rows(count: number): Row[] {
  const pk = aPartition();
  return Array.from({ length: count }, (_, at) => ({ pk, sk: String(at).padStart(4, "0"), body: `row ${at}` }));
}

describe("the store on DynamoDB", () => {
  storeContract(() => store);
});

describe("rows of jobs", () => {
  test("a job's rows have an expiry time, whichever verb creates them, and other rows have none", async () => {
    const life = new RowTtl(2, () => 1_700_000_000_000);
    const mortal = new DynamoStore(proxy.client, { tasks: "tasks", engines: "engines" }, life);
    const pk = `job#${aPartition()}`;
    const key = (sk: string) => ({ pk, sk });
    await mortal.write([{ ...key("1"), body: "" }]);
    await mortal.write([2, 3].map((sk) => ({ ...key(`${sk}`), body: "" })));
    await mortal.putOnce({ ...key("4"), body: "" });
    await mortal.claim(key("5"), 1, 3);
    await mortal.update(key("6"), { add: { ok: ["1"] }, mayCreate: true });
    const rows = await mortal.list(pk);
    expect(rows).toHaveLength(6);
    for (const row of rows) expect(row.expires).toBe(1_700_000_000 + 2 * 86_400);
    for (const kind of ["day", "dep", "fallen", "name"]) expect(life.expires({ pk: `${kind}#x` })).toBeDefined();
    const others = aPartition();
    await mortal.write([{ pk: others, sk: "1", body: "" }]);
    expect((await mortal.list(others))[0]?.expires).toBeUndefined();
  });
});

describe("reads", () => {
  test("all reads are strongly consistent", async () => {
    await store.write(rows(1));
    await store.read(rows(1));
    await store.read(rows(120));
    await store.list(aPartition());
    const isRead = ({ action }: DynamoRequest) => ["GetItem", "BatchGetItem", "Query", "Scan"].includes(action);
    const reads = proxy.requests.filter(isRead);
    expect(new Set(reads.map(({ action }) => action))).toEqual(new Set(["GetItem", "BatchGetItem", "Query"]));
    for (const { action, body } of reads) {
      const asked = action === "BatchGetItem" ? Object.values(body.RequestItems as object) : [body];
      for (const one of asked) expect(one).toMatchObject({ ConsistentRead: true });
    }
  });

  test("a batch read that is answered in part requests the rest", async () => {
    const all = rows(10);
    await store.write(all);
    let asked = 0;
    proxy.interfere = ({ action, body }) => {
      if (action !== "BatchGetItem" || asked++ >= 3) return undefined;
      const { RequestItems } = body as { RequestItems: { tasks: { Keys: unknown[]; ConsistentRead: boolean } } };
      const { Keys, ConsistentRead } = RequestItems.tasks;
      return {
        send: { RequestItems: { tasks: { Keys: Keys.slice(0, 2), ConsistentRead } } },
        answer: (answer) => ({ ...answer, UnprocessedKeys: { tasks: { Keys: Keys.slice(2), ConsistentRead } } }),
      };
    };
    expect(await store.read(all)).toEqual(all);
    expect(asked).toBe(4);
  });
});

describe("batches", () => {
  test("rows are written in the fewest batches of at most 25, and read in the fewest of at most 100", async () => {
    const before = proxy.requests.length;
    const all = rows(130);
    await store.write(all);
    await store.read(all);
    await store.remove(all);
    const seen = proxy.requests.slice(before);
    const sizes = (action: string) =>
      seen
        .filter((request) => request.action === action)
        .map(({ body }) => {
          const { tasks } = body.RequestItems as { tasks: unknown[] | { Keys: unknown[] } };
          return Array.isArray(tasks) ? tasks.length : tasks.Keys.length;
        });
    expect(sizes("BatchWriteItem").sort((a, b) => a - b)).toEqual([5, 5, ...Array(10).fill(25)]);
    expect(sizes("BatchGetItem").sort((a, b) => a - b)).toEqual([30, 100]);
  });

  test("batches of large rows stay below 16 MB", async () => {
    const body = "x".repeat(390_000);
    const before = proxy.requests.length;
    await store.write(rows(60).map((row) => ({ ...row, body })));
    for (const request of proxy.requests.slice(before))
      expect(JSON.stringify(request.body).length).toBeLessThan(16_000_000);
  });

  test("batches that DynamoDB accepts in part are sent again until all rows are stored", async () => {
    let sent = 0;
    proxy.interfere = ({ action, body }) => {
      if (action !== "BatchWriteItem" || sent++ >= 4) return undefined;
      const { tasks } = body.RequestItems as { tasks: unknown[] };
      return {
        send: { RequestItems: { tasks: tasks.slice(0, 3) } },
        answer: (answer) => ({ ...answer, UnprocessedItems: { tasks: tasks.slice(3) } }),
      };
    };
    const all = rows(40);
    await store.write(all);
    expect(sent).toBeGreaterThan(4);
    proxy.interfere = () => undefined;
    expect(await store.list(all[0]?.pk ?? "")).toEqual(all);
  });
});

describe("a throttled table", () => {
  const [row] = rows(1) as [Row];
  const job: Row = { ...row, from: 0, to: 9, state: "open", rev: 1 };
  const verbs: [string, string, (store: Store) => Promise<unknown>, unknown][] = [
    ["putOnce", "PutItem", (store) => store.putOnce(job), undefined],
    ["swap", "PutItem", (store) => store.swap({ ...job, rev: 2 }, 1), true],
    ["claim", "UpdateItem", (store) => store.claim(job, 2), { from: 0, taken: 2, to: 9, row: { ...job, rev: 2 } }],
    [
      "update",
      "UpdateItem",
      (store) => store.update(job, { state: "closed" }),
      { before: { ...job, rev: 2, from: 2 }, after: { ...job, rev: 2, from: 2, state: "closed" } },
    ],
    ["read", "GetItem", (store) => store.read([job]), [{ ...job, rev: 2, from: 2, state: "closed" }]],
    ["list", "Query", (store) => store.list(job.pk), [{ ...job, rev: 2, from: 2, state: "closed" }]],
    ["write", "PutItem", (store) => store.write([job]), undefined],
    ["write of many", "BatchWriteItem", (store) => store.write(rows(3)), undefined],
    ["remove", "DeleteItem", (store) => store.remove([job]), undefined],
  ];
  test.each(verbs)("%s is retried while the table is throttled", async (_, action, verb, answer) => {
    first(action, THROTTLED);
    expect(await verb(store)).toEqual(answer);
  });
});

describe("a write whose answer was lost is repeated by the SDK", () => {
  test("putOnce whose answer was lost finds its own row", async () => {
    const [row] = rows(1) as [Row];
    first("PutItem", { lose: true });
    expect(await store.putOnce(row)).toEqual(row);
  });

  test("swap whose answer was lost returns undefined, and false only for a certain refusal", async () => {
    const [row] = rows(1) as [Row];
    await store.putOnce({ ...row, rev: 0 });
    first("PutItem", { lose: true });
    expect(await store.swap({ ...row, rev: 1 }, 0)).toBeUndefined();
    expect(await store.swap({ ...row, rev: 1 }, 0)).toBe(false);
  });

  test("claim whose answer was lost takes tasks twice, and the sweep recovers the first ones", async () => {
    const [row] = rows(1) as [Row];
    await store.putOnce({ ...row, from: 0, to: 10, state: "open" });
    first("UpdateItem", { lose: true });
    expect(await store.claim(row, 2)).toMatchObject({ from: 2, taken: 2 });
  });

  test("a scheduler recognizes its own write to an engine's row, even if others have changed the row since", async () => {
    const engines = new DynamoStore(proxy.client, { tasks: "tasks", engines: "other-engines" });
    const cluster = newCluster(
      {
        store: engines,
        engines: { call: async () => ({ type: "running" }), start: async () => {} },
        sweepRule: { enable: async () => {}, disable: async () => {} },
        now: () => 0,
        sleep: async () => {},
        randomness: { random: () => 0, newSecret: () => Math.random().toString(36).slice(2).padEnd(16, "0") },
        log: () => {},
      },
      {
        pools: [{ name: "some", count: 1, memoryMb: 1, timeoutSeconds: 1, functions: ["f"] }],
        scheme: "lru",
        hwm: 1,
        reportFunction: "d",
        code: { shipping: true, functions: [] },
        passMs: 1,
      },
    );
    await listEngines(cluster);
    first("PutItem", { lose: true });
    const mine = await swapEngine(cluster, newEngine(0, "some"), { assigned: 1 });
    expect(mine).toMatchObject({ rev: 1, assigned: 1 });
    if (!mine) throw new Error("the swap was refused");
    // The answer is lost, and another scheduler claims before the retry.
    let other: unknown;
    let count = 0;
    proxy.interfere = ({ action }) => (action === "PutItem" && count++ === 0 ? { lose: true } : undefined);
    const repeated = swapEngine(cluster, mine, { assigned: 2 });
    while (!other) {
      const [engine] = await listEngines(cluster);
      if (engine?.rev === 2)
        other = await swapEngine({ ...cluster, memory: { fleet: newFleetMemory([]) } }, engine, { assigned: 3 });
    }
    expect(await repeated).toMatchObject({ rev: 2, assigned: 2 });
    expect(await swapEngine(cluster, mine, { assigned: 4 })).toBeUndefined();
  });
});
