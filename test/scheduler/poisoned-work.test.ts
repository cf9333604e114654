import { expect, test } from "vitest";
import type { Store } from "../../lambdas/adapters/store.ts";
import type { RowKey } from "../../lambdas/protocol/rows.ts";
import { on, outcome, submitted, waitingJob } from "../dependencies/waiting.ts";
import { aJob, type Job, jobId, ok } from "../simulation/a-job.ts";
import { leftOver } from "../simulation/invariants.ts";
import { World } from "../simulation/world.ts";

/** Creates a store that always fails at some rows. */
function failingAt(real: Store, verb: "update" | "claim" | "putOnce", isPoisoned: (key: RowKey) => boolean): Store {
  const check = (keys: readonly RowKey[]) => {
    if (keys.some(isPoisoned)) throw new TypeError("a row that cannot be understood");
  };
  return {
    write: (rows) => real.write(rows),
    putOnce: async (row) => {
      if (verb === "putOnce") check([row]);
      return real.putOnce(row);
    },
    swap: (row, rev) => real.swap(row, rev),
    claim: async (key, ...of) => {
      if (verb === "claim") check([key]);
      return real.claim(key, ...of);
    },
    update: async (key, change) => {
      if (verb === "update") check([key]);
      return real.update(key, change);
    },
    read: (keys) => real.read(keys),
    list: (pk, listing) => real.list(pk, listing),
    remove: (keys) => real.remove(keys),
  };
}

test("ended work whose rows cannot be written blocks neither its engine, nor later work, nor due work", async () => {
  let isPoisoned = true;
  const ledger = `job#${jobId(1)}#0`;
  const world = new World({
    engines: 1,
    sweeps: false,
    variant: (real) => failingAt(real, "update", ({ pk, sk }) => isPoisoned && pk === ledger && sk === "e"),
  });
  const now = world.clock.now();
  const parent = aJob(1, now, { tasks: [ok(20), ok(20)] });
  await submitted(world, parent);
  isPoisoned = false;
  const child = waitingJob(2, now, { after: [on(parent)] });
  await submitted(world, child);
  isPoisoned = true;
  const retried = aJob(3, now, {
    tasks: [{ do: "error", ms: 1, times: 1 }],
    flags: { retries: 1, backoff: { initialMs: 90_000, factor: 1, jitter: false } },
  });
  const later = aJob(4, now, { tasks: [ok(1)] });
  await submitted(world, retried, later);
  await world.complete([parent, later], { ms: 5000 });
  expect(outcome(world, later).entry.status).toBe("ok");
  await world.complete([retried], { ms: 200_000 });
  expect(world.logged.filter(({ event }) => event === "settle-failed").length).toBeGreaterThan(1);
  for (const violation of world.violations) expect(violation).toMatch(/^(claim|settle)-failed: .*cannot be understood/);
  isPoisoned = false;
  await world.complete([child], { ms: 200_000 });
  expect(outcome(world, child).entry.status).toBe("ok");
});

test("work that cannot be claimed blocks nothing behind it, and runs once it can", async () => {
  let isPoisoned = true;
  const world = new World({
    engines: 1,
    variant: (real) => failingAt(real, "claim", ({ pk }) => isPoisoned && pk === `job#${jobId(2)}`),
  });
  const now = world.clock.now();
  const [busy, poisoned, later] = [1, 2, 3].map((number) => aJob(number, now, { tasks: [ok(100), ok(100)] })) as [
    Job,
    Job,
    Job,
  ];
  for (const job of [busy, poisoned, later]) await submitted(world, job);
  await world.complete([later], { ms: 5000 });
  expect(world.logged.map(({ event }) => event)).toContain("claim-failed");
  for (const violation of world.violations) expect(violation).toMatch(/^(claim|settle)-failed: .*cannot be understood/);
  isPoisoned = false;
  await world.complete([poisoned], { ms: 300_000 });
  expect(outcome(world, poisoned).entry.status).toBe("ok");
});

test("an engine that cannot be revoked blocks no other, and the tick finally reports the failure", async () => {
  let isPoisoned = true;
  const world = new World({
    engines: 2,
    sweeps: false,
    faults: { records: () => [] },
    variant: (real) =>
      failingAt(real, "putOnce", ({ pk, sk }) => isPoisoned && pk === `job#${jobId(1)}#0` && sk.startsWith("o#")),
  });
  const now = world.clock.now();
  const jobs = [0, 1].map((engine) =>
    aJob(engine + 1, now, { tasks: [{ do: "die", ms: 10, times: 1 }], flags: { retries: 1, targets: [engine] } }),
  );
  const [poisoned, other] = jobs;
  if (!poisoned || !other) throw new Error("two jobs were made");
  await submitted(world, ...jobs);
  await world.complete([other], { ms: 120_000 });
  expect(outcome(world, other).entry).toMatchObject({ status: "ok", attempt: 2 });
  await expect(world.until(world.scheduler({ type: "tick" }))).rejects.toThrow("cannot be understood");
  isPoisoned = false;
  await world.complete([poisoned], { ms: 120_000 });
  expect(outcome(world, poisoned).entry).toMatchObject({ status: "ok", attempt: 2 });
  for (const violation of world.violations) expect(violation).toMatch(/^scheduler tick threw .*cannot be understood/);
});

test("work that can never be claimed ends with a typed error after a few tries, and blocks nothing behind it", async () => {
  const world = new World({
    engines: 1,
    variant: (real) => failingAt(real, "claim", ({ pk }) => pk === `job#${jobId(2)}`),
  });
  const now = world.clock.now();
  const [busy, poisoned, later] = [1, 2, 3].map((number) =>
    aJob(number, now, { tasks: Array.from({ length: 120 }, () => ok(1)) }),
  );
  if (!busy || !poisoned || !later) throw new Error("three jobs were made");
  for (const job of [busy, poisoned, later]) await submitted(world, job);
  await world.complete([later], { ms: 5000 });
  await world.complete([poisoned], { ms: 60_000 });
  for (const [entry] of world.outcomes(poisoned).values())
    expect(entry).toMatchObject({
      status: "lost",
      error: {
        code: "EngineError",
        evalue:
          "the scheduler could not give the task to an engine in 5 tries: TypeError: a row that cannot be understood",
      },
    });
  await world.pass(130_000);
  expect(world.logged.filter(({ event }) => event === "claim-failed")).toHaveLength(5);
  expect(leftOver(world)).toEqual([]);
});
