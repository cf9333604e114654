import { expect, onTestFinished, test } from "vitest";
import { Client } from "../../client/index.ts";
import { startCloud } from "../../client/local/index.ts";
import { capacityNotice } from "../../client/local/lambda/capacity-notice.ts";
import { type BudgetParts, EnvironmentBudget } from "../../client/local/lambda/environment-budget.ts";
import { task } from "../../client/task.ts";
import { expectSoundCloud } from "../e2e/sound-cloud.ts";

const LONG_MS = 60_000;

/** Creates a simulated machine. */
function aMachine({ alive = 0, idle = 0, freeMb = 1_000, now = 0 } = {}) {
  const machine = { alive, idle, freeMb, now };
  const parts: BudgetParts = {
    alive: () => machine.alive,
    endIdle: () => machine.idle > 0 && machine.idle-- > 0,
    now: () => machine.now,
    freeMb: () => machine.freeMb,
  };
  return { machine, parts };
}

test("as many environments may start as fit in three quarters of the free memory", () => {
  const { machine, parts } = aMachine({ freeMb: 4_000 });
  const budget = new EnvironmentBudget(parts);
  expect(budget.most).toBe(30);
  machine.alive = 29;
  expect(budget.takeRoom()).toBe(true);
  machine.alive = 30;
  expect(budget.takeRoom()).toBe(false);
});

test("an idle environment makes room", () => {
  const { machine, parts } = aMachine({ alive: 5, idle: 1 });
  const budget = new EnvironmentBudget({ ...parts, most: 5 });
  expect(budget.takeRoom()).toBe(true);
  expect(machine.idle).toBe(0);
  expect(budget.takeRoom()).toBe(false);
});

test("while all environments are busy, one more is admitted from time to time, as long as memory is free", () => {
  const { machine, parts } = aMachine({ alive: 5 });
  const budget = new EnvironmentBudget({ ...parts, most: 5, patienceMs: 1_000 });
  const letIn = [0, 999, 1_000, 1_001, 2_000].map((now) => {
    machine.now = now;
    return budget.takeRoom();
  });
  expect(letIn).toEqual([false, false, true, false, true]);
  machine.freeMb = 150;
  machine.now = 10_000;
  expect(budget.takeRoom()).toBe(false);
});

test("more engines than the machine's processors or memory can handle are reported once", () => {
  expect(capacityNotice(16, 2, 100)).toEqual([]);
  expect(capacityNotice(100, 2, 200)).toEqual([
    expect.stringMatching(/^100 engines on 2 cores: each busy engine .* cores$/),
  ]);
  expect(capacityNotice(4, 1, 2)).toEqual([
    expect.stringMatching(/^4 engines on 1 core: .*suffices for about 2 at a time/),
  ]);
});

async function aCluster(engines: number, most: number, patienceMs: number) {
  const pools = [{ name: "default", count: engines }];
  const cloud = await startCloud({ pools, tuning: { engineEnvironments: { most, patienceMs } } });
  const client = await Client.connect({ urlFile: cloud.urlFile });
  onTestFinished(async () => {
    try {
      await expectSoundCloud(cloud);
    } finally {
      await client.close();
      await cloud.close();
    }
  });
  const alive = async () => (await cloud.faults.environments()).filter(({ label }) => label === "engine").length;
  return { client, alive };
}

test("engines without room wait for those that run, and every task has its result", { timeout: LONG_MS }, async () => {
  const { client, alive } = await aCluster(4, 2, LONG_MS);
  const items = Array.from({ length: 24 }, (_, n) => n);
  const running = client.loadBalancedView().map((n: number) => n * n, items);
  const counts: number[] = [];
  let isOver = false;
  const watching = (async () => {
    while (!isOver) counts.push(await alive());
  })();
  expect(await running).toEqual(items.map((n) => n * n));
  isOver = true;
  await watching;
  expect(Math.max(...counts)).toBe(2);
});

test("a task that waits for a task on an engine without room gets its result", { timeout: LONG_MS }, async () => {
  const { client } = await aCluster(3, 1, 200);
  const result = client.directView(0).apply(async () => {
    const own = task().view.withFlags({ targets: [1] });
    return (await own.apply(() => 20)) + 1;
  });
  expect(await result).toBe(21);
});
