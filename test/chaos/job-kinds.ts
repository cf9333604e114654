import { createHash } from "node:crypto";
import type { AsyncResult, Client, Flags } from "../../client/index.ts";
import { seededUniform } from "../../client/local/latency/seeded-uniform.ts";
import { task } from "../../client/task.ts";

/** A job as recorded in the journal: everything that determines it and its expected outcomes. */
export interface JobSpec {
  /** The job's idempotency key, unique in the run. */
  key: string;
  kind: JobKind;
  /** Number of items. */
  size: number;
  seed: number;
}

/** A submitted job: the ids by which other clients can read it, and its outcomes. */
interface Submitted {
  ids: () => Promise<string[]>;
  outcomes: () => Promise<unknown[]>;
}

interface Kind {
  submit(client: Client, spec: JobSpec, effects: string): Submitted;
  expected(spec: JobSpec): unknown[];
}

/** Enough for all faults that end an engine during a task, each of which uses up an attempt. */
const RETRIES = 40;
const ABORTED = "TaskAborted";

/** Appends the running task's id to the file of effects, to record that it ran. */
async function note(effects: string): Promise<void> {
  const { appendFileSync } = await import("node:fs");
  appendFileSync(effects, `${task().id}\n`);
}

function busy(ms: number): void {
  for (const end = Date.now() + ms; Date.now() < end; );
}

const items = ({ size, seed }: JobSpec): number[] => {
  const chance = seededUniform(seed);
  return Array.from({ length: size }, () => Math.floor(chance() * 1_000));
};
const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const textOf = (n: number) => hashOf(String(n)).repeat(6_000);

async function jobIdOf(result: AsyncResult<unknown, unknown>): Promise<string> {
  await result.info();
  return String(result.jobId);
}

async function taskIdOf(result: AsyncResult<unknown, unknown>): Promise<string> {
  await result.info();
  return String(result.taskIds[0]);
}

function viewOf(client: Client, key: string, flags: Flags = {}) {
  return client.loadBalancedView({ idempotencyKey: key, retries: RETRIES, returnExceptions: true, ...flags });
}

const double = (effects: string) => async (n: number) => {
  await note(effects);
  busy(n % 20);
  return n * 2;
};

/** A map, whose flags may divide it into chunks. */
const mapOf = (flags: Flags): Kind => ({
  submit(client, spec, effects) {
    const result = viewOf(client, spec.key, flags).map(double(effects), items(spec));
    return { ids: async () => [await jobIdOf(result)], outcomes: async () => await result };
  },
  expected: (spec) => items(spec).map((n) => n * 2),
});

const retries: Kind = {
  submit(client, spec, effects) {
    const flags = { backoff: { initialMs: 200, maxMs: 400 } };
    const failsFirst = async (n: number) => {
      await note(effects);
      if (n % 3 === 0 && task().attempt === 1) throw new Error("not yet");
      return n + 1;
    };
    const result = viewOf(client, spec.key, flags).map(failsFirst, items(spec));
    return { ids: async () => [await jobIdOf(result)], outcomes: async () => await result };
  },
  expected: (spec) => items(spec).map((n) => n + 1),
};

const graph: Kind = {
  submit(client, { key, seed }, effects) {
    const add = async (a: number, b: number) => {
      await note(effects);
      return a + b;
    };
    const top = viewOf(client, `${key}-top`).apply(add, seed, 1);
    const left = viewOf(client, `${key}-left`).apply(add, top, 2);
    const right = viewOf(client, `${key}-right`).apply(add, top, 3);
    const bottom = viewOf(client, `${key}-bottom`).apply(add, left, right);
    const all = [top, left, right, bottom];
    return {
      ids: () => Promise.all(all.map(taskIdOf)),
      outcomes: () => Promise.all(all.map(async (one) => await one)),
    };
  },
  expected: ({ seed }) => [seed + 1, seed + 3, seed + 4, 2 * seed + 7],
};

const imap: Kind = {
  submit(client, spec, effects) {
    const outcomes = (async () => {
      const found: unknown[] = [];
      const flags = { maxOutstanding: 6 };
      for await (const value of viewOf(client, spec.key, flags).imap(double(effects), items(spec))) found.push(value);
      return found;
    })();
    outcomes.catch(() => {});
    // An imap has a job for each item. Only the client that iterates over it knows their ids.
    return { ids: async () => [], outcomes: () => outcomes };
  },
  expected: (spec) => items(spec).map((n) => n * 2),
};

const largeValues: Kind = {
  submit(client, spec, effects) {
    const turned = async (text: string) => {
      await note(effects);
      return [...text].reverse().join("");
    };
    const result = viewOf(client, spec.key).map(turned, items(spec).slice(0, 4).map(textOf));
    const hashes = async () => (await result).map((text) => (typeof text === "string" ? hashOf(text) : text));
    return { ids: async () => [await jobIdOf(result)], outcomes: hashes };
  },
  expected: (spec) =>
    items(spec)
      .slice(0, 4)
      .map((n) => hashOf([...textOf(n)].reverse().join(""))),
};

const nested: Kind = {
  submit(client, spec, effects) {
    const parent = async (n: number) => {
      await note(effects);
      const child = async (m: number) => {
        await note(effects);
        return m + 1;
      };
      const children = await task()
        .view.withFlags({ retries: 40 })
        .map(child, [n, n + 1, n + 2]);
      return children.reduce((total, m) => total + m, 0);
    };
    const result = viewOf(client, spec.key).map(parent, items(spec).slice(0, 4));
    return { ids: async () => [await jobIdOf(result)], outcomes: async () => await result };
  },
  expected: (spec) =>
    items(spec)
      .slice(0, 4)
      .map((n) => sum([n + 1, n + 2, n + 3])),
};

/** Tasks that never end by themselves and are aborted. */
const aborts: Kind = {
  submit(client, spec, effects) {
    const endless = async () => {
      await note(effects);
      await new Promise(() => setInterval(() => {}, 60_000));
    };
    const result = viewOf(client, spec.key).map(endless, items(spec));
    const outcomes = async () => {
      await result.info();
      await result.abort();
      return await result;
    };
    return { ids: async () => [await jobIdOf(result)], outcomes };
  },
  expected: (spec) => items(spec).map(() => ABORTED),
};

/** The same map, submitted twice under one idempotency key. */
const sameKey: Kind = {
  submit(client, spec, effects) {
    const submit = () => viewOf(client, spec.key).map(double(effects), items(spec));
    const [first, second] = [submit(), submit()];
    return {
      ids: async () => [...new Set(await Promise.all([first, second].map(jobIdOf)))],
      outcomes: async () => [...(await first), ...(await second)],
    };
  },
  expected: (spec) => [...items(spec), ...items(spec)].map((n) => n * 2),
};

/** The kinds of jobs in a run. */
export const JOB_KINDS = {
  map: mapOf({}),
  chunks: mapOf({ chunkSize: 7 }),
  graph,
  retries,
  aborts,
  imap,
  largeValues,
  nested,
  sameKey,
} satisfies Record<string, Kind>;

export type JobKind = keyof typeof JOB_KINDS;
export const KIND_NAMES = Object.keys(JOB_KINDS) as JobKind[];

/** Returns outcomes with each error replaced by its name, so that they can be compared. */
export function comparable(outcomes: readonly unknown[]): unknown[] {
  return outcomes.map((one) => (one instanceof Error ? one.name : one));
}

/** Returns what another client reads of a finished job, by the ids of its jobs or tasks. */
export async function readAgain(client: Client, kind: JobKind, ids: readonly string[]): Promise<unknown[]> {
  const found = await Promise.all(ids.map(async (id) => client.getResult(id).get({ returnExceptions: true })));
  const all = comparable(found.flat());
  return kind === "largeValues" ? all.map((one) => hashOf(String(one))) : all;
}
