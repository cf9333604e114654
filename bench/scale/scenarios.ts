import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { Client, type LoadBalancedView } from "../../client/index.ts";
import { seededUniform } from "../../client/local/latency/seeded-uniform.ts";
import type { Deciles } from "./deciles.ts";

/** The environment of a scenario. */
interface ScaleRun {
  client: Client;
  n: number;
  deciles: Deciles;
  /** Reads a job by its id in another process. Resolves to the sum of its results. */
  readElsewhere(jobId: string): Promise<number>;
}

export interface Scenario {
  name: string;
  title: string;
  /** Number of tasks at full size. */
  n: number;
  run(run: ScaleRun): Promise<void>;
}

const square = (x: number) => x * x;
const sumOfSquares = (n: number) => ((n - 1) * n * (2 * n - 1)) / 6;
/** Size of one value, in bytes. */
const VALUE_BYTES = 100_000;
const CLIENTS = 200;
/** Items of an `imap` that may be submitted and not yet taken. */
const OUTSTANDING = 20_000;

async function* counting(n: number): AsyncGenerator<number> {
  for (let at = 0; at < n; at++) yield at;
}

function* upTo(n: number): Generator<number> {
  for (let at = 0; at < n; at++) yield at;
}

/** The scenarios, in the order in which they run. Each checks its results. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "map", title: "one job of no-ops, read by two processes", n: 1_000_000, run: oneJob },
  { name: "imap", title: "no-ops of an async iterable", n: 1_000_000, run: stream },
  { name: "graph", title: "a graph of no-ops", n: 100_000, run: graph },
  { name: "fan-in", title: "a task that waits for all others", n: 100_000, run: fanIn },
  { name: "jobs", title: "jobs of one task", n: 10_000, run: manyJobs },
  { name: "clients", title: "maps of 200 clients at once", n: 20_000, run: manyClients },
  { name: "values", title: "values of 100 kB, in and out", n: 5_000, run: largeValues },
  { name: "small-maps", title: "maps of three no-ops, submitted at once", n: 120, run: smallMaps },
];

/** One job. Its results are read as they arrive, by this process and, from its id, by another. */
async function oneJob({ client, n, deciles, readElsewhere }: ScaleRun): Promise<void> {
  const result = client.loadBalancedView().map(square, [...upTo(n)]);
  const elsewhere = result.info().then(() => readElsewhere(String(result.jobId)));
  elsewhere.catch(() => undefined);
  let at = 0;
  for await (const value of result) {
    strictEqual(value, at * at);
    at++;
    deciles.arrive();
  }
  strictEqual(at, n);
  strictEqual(await elsewhere, sumOfSquares(n));
}

async function stream({ client, n, deciles }: ScaleRun): Promise<void> {
  let at = 0;
  const view = client.loadBalancedView({ maxOutstanding: OUTSTANDING });
  for await (const value of view.imap(square, counting(n))) {
    strictEqual(value, at * at);
    at++;
    deciles.arrive();
  }
  strictEqual(at, n);
}

/** A graph in which each task but the first thousand depends on up to three of the thousand tasks before it. */
async function graph({ client, n, deciles }: ScaleRun): Promise<void> {
  const width = Math.min(1000, Math.ceil(n / 10));
  const chance = seededUniform(777);
  const view = client.loadBalancedView();
  const tasks: ReturnType<typeof submit>[] = [];
  const submit = (on: LoadBalancedView, node: number) => on.apply(square, node);
  for (let node = 0; node < n; node++) {
    const layer = node - (node % width);
    const after =
      layer === 0
        ? []
        : Array.from(
            { length: 1 + Math.floor(chance() * 3) },
            () => tasks[layer - width + Math.floor(chance() * width)],
          );
    const known = after.filter((parent) => parent !== undefined);
    tasks.push(submit(known.length === 0 ? view : view.withFlags({ after: known }), node));
  }
  await Promise.all(
    tasks.map(async (task, node) => {
      strictEqual(await task, node * node);
      deciles.arrive();
    }),
  );
}

async function fanIn({ client, n, deciles }: ScaleRun): Promise<void> {
  const view = client.loadBalancedView();
  const tasks = Array.from(upTo(n), (at) => view.apply(square, at));
  const last = view.withFlags({ after: tasks }).apply(square, n);
  for (const [at, task] of tasks.entries()) {
    strictEqual(await task, at * at);
    deciles.arrive();
  }
  strictEqual(await last, n * n);
}

/** Jobs of one task each: each has a label of its own, and applies with different flags do not share a job. */
async function manyJobs({ client, n, deciles }: ScaleRun): Promise<void> {
  const view = client.loadBalancedView();
  const jobs = Array.from(upTo(n), (at) => view.withFlags({ label: `job ${at}` }).apply(square, at));
  await Promise.all(
    jobs.map(async (job, at) => {
      strictEqual(await job, at * at);
      deciles.arrive();
    }),
  );
}

async function manyClients({ client, n, deciles }: ScaleRun): Promise<void> {
  const size = Math.max(1, Math.floor(n / CLIENTS));
  const { urlFile } = client.connection;
  const expected = Array.from(upTo(size), square);
  await Promise.all(
    Array.from(upTo(Math.min(n, CLIENTS)), async () => {
      const one = await Client.connect({ urlFile });
      try {
        deepStrictEqual(await one.loadBalancedView().map(square, [...upTo(size)]), expected);
        deciles.arrive(size);
      } finally {
        await one.close();
      }
    }),
  );
}

/** Values that all differ, so that each is stored: half of the bytes travel in, half out. */
async function largeValues({ client, n, deciles }: ScaleRun): Promise<void> {
  const hashes: string[] = [];
  const hashOf = (bytes: Uint8Array) => createHash("sha1").update(bytes).digest("base64");
  async function* values() {
    for (let at = 0; at < n; at++) {
      const bytes = new Uint8Array(VALUE_BYTES).fill(at % 256);
      new DataView(bytes.buffer).setUint32(0, at);
      hashes.push(hashOf(bytes.toReversed()));
      yield bytes;
    }
  }
  let at = 0;
  const turned = (bytes: Uint8Array) => bytes.slice().reverse();
  for await (const value of client.loadBalancedView().imap(turned, values())) {
    strictEqual(hashOf(value), hashes[at++]);
    deciles.arrive();
  }
  strictEqual(at, n);
}

async function smallMaps({ client, n, deciles }: ScaleRun): Promise<void> {
  const view = client.loadBalancedView();
  await Promise.all(
    Array.from(upTo(Math.ceil(n / 3)), async (at) => {
      deepStrictEqual(await view.map(square, [at, at + 1, at + 2]), [at, at + 1, at + 2].map(square));
      deciles.arrive(3);
    }),
  );
}
