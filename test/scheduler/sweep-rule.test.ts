import { describe, expect, test } from "vitest";
import type { Store } from "../../lambdas/adapters/store.ts";
import { type Row, SWEEPS_KEY } from "../../lambdas/protocol/rows.ts";
import { aJob, ok, submitParts } from "../simulation/a-job.ts";
import type { Faults, Step, StepFault } from "../simulation/faults.ts";
import { comeToRest, leftOver, unsweptJob } from "../simulation/invariants.ts";
import type { MemoryStore } from "../simulation/memory-store.ts";
import { triedSteps } from "../simulation/tried-steps.ts";
import { World, type WorldSettings } from "../simulation/world.ts";
import { expectSound } from "./sound.ts";

const MINUTE_MS = 60_000;
/** The fourth sweep after a job has ended disables the rule: the first one closes the job. */
const CLOSING_MS = 4 * MINUTE_MS;

async function submitted(world: World, number: number, tasks = [ok(1)]): Promise<void> {
  const job = aJob(number, world.clock.now(), { tasks });
  expect(await world.until(world.submit(job))).toEqual({ type: "ok" });
}

/** Records the steps of passes. */
function noted(steps: Step[]): Faults {
  return {
    step(step) {
      steps.push(step);
      return undefined;
    },
  };
}

test("the rule is off at first, on from the first submit, and off again after the last job", async () => {
  const steps: Step[] = [];
  const world = new World({ faults: noted(steps) });
  expect(world.isRuleOn).toBe(false);
  await submitted(world, 1, [ok(70_000)]);
  expect(world.isRuleOn).toBe(true);
  await world.pass(3 * MINUTE_MS);
  expect(world.isComplete(world.jobs[0] ?? aJob(9, 0))).toBe(true);
  expect(world.isRuleOn).toBe(true);
  await world.pass(60 * MINUTE_MS);
  expect(world.switched).toEqual([true, false]);
  expect(new Set(steps.filter(({ message }) => message === "sweep").map(({ invocation }) => invocation)).size).toBe(5);
  await submitted(world, 2);
  expect(world.switched).toEqual([true, false, true]);
  await expectSound(world, { ticks: false });
});

test("while the rule is on, submits, ticks and reports make no call for it, and heartbeats one in half a minute", async () => {
  const steps: Step[] = [];
  const world = new World({ engines: 2, environments: 1, faults: noted(steps) });
  await submitted(world, 1, [ok(5000)]);
  steps.length = 0;
  await submitted(world, 2, Array(20).fill(ok(1000)));
  await submitted(world, 3);
  await world.complete(world.jobs, { ms: MINUTE_MS / 2 });
  expect(steps.filter(({ message }) => message === "tick")).not.toEqual([]);
  const about = ({ verb, key }: Step) => verb.endsWith("Rule") || key === SWEEPS_KEY.sk;
  expect(steps.filter((step) => about(step) && step.message !== "heartbeat")).toEqual([]);
  const heartbeats = new Set(steps.filter(({ message }) => message === "heartbeat").map((step) => step.invocation));
  expect(heartbeats.size).toBeGreaterThan(3);
  expect(steps.filter(about).length).toBeLessThan(heartbeats.size);
});

test("a job whose tasks all wait, and a job in parts, turn the rule on too", async () => {
  const world = new World({ faults: { switches: () => undefined } });
  const job = aJob(1, world.clock.now(), { tasks: Array(200).fill(ok(1)), pageTasks: 100 });
  await world.until(world.send(submitParts([{ header: job.header, pages: job.pages.slice(0, 1), last: false }])));
  expect(world.isRuleOn).toBe(true);
  world.jobs.push(job);
  // The last part never arrives: one sweep ends the job, and a later one stops the sweeps.
  await world.complete([job], { ms: 4 * MINUTE_MS, ticks: false });
  await comeToRest(world);
  expect(world.violations).toEqual([]);
});

describe("a switch of the rule that is throttled, or whose answer is lost", () => {
  test.each(["throttled", "answer lost"] as const)(
    "a switch of the rule that fails does not fail the submit, and a later pass corrects it (%s)",
    async (how) => {
      let left = 2;
      const world = new World({ faults: { switches: (isOn) => (isOn && left-- > 0 ? how : undefined) } });
      await submitted(world, 1, [ok(1), ok(5000)]);
      expect(world.isRuleOn).toBe(how === "answer lost");
      await world.until(world.send({ type: "tick" }));
      await world.until(world.send({ type: "tick" }));
      expect(world.isRuleOn).toBe(true);
      expect(world.logged.filter(({ event }) => event === "sweeps-not-enabled")).toHaveLength(2);
      await comeToRest(world);
      expect(world.violations).toEqual([]);
    },
  );

  test.each([
    ["the heartbeat of a running task", { tasks: [ok(5000)] }],
    [
      "a report that puts a retry off",
      {
        tasks: [{ do: "error", ms: 1, times: 1 } as const],
        flags: { retries: 1, backoff: { initialMs: 5000, factor: 2, jitter: false } },
      },
    ],
  ])("a switch of the rule that failed is corrected although nobody waits, by %s", async (_, plan) => {
    let left = 1;
    const world = new World({ faults: { switches: () => (left-- > 0 ? "throttled" : undefined) } });
    await world.until(world.submit(aJob(1, world.clock.now(), plan)));
    expect(world.isRuleOn).toBe(false);
    await world.complete(world.jobs, { ms: 2 * MINUTE_MS, ticks: false });
    expect(world.isRuleOn).toBe(true);
  });

  test("a rule that could not be switched off is switched off by the next sweep", async () => {
    let left = 2;
    const world = new World({ faults: { switches: (isOn) => (!isOn && left-- > 0 ? "throttled" : undefined) } });
    await submitted(world, 1);
    await world.pass(CLOSING_MS + MINUTE_MS + 1000);
    expect(world.isRuleOn).toBe(true);
    await world.pass(MINUTE_MS);
    expect(world.isRuleOn).toBe(false);
  });
});

test("a tick without an open job leaves the rule off", async () => {
  const world = new World();
  await world.until(world.send({ type: "tick" }));
  await world.until(world.send({ type: "sweep" }));
  await world.until(world.send({ type: "sweep" }));
  expect(world.switched).toEqual([]);
});

test("an engine's session keeps the rule on until a sweep has revoked the session", async () => {
  const world = new World({ timeoutSeconds: 300, faults: { deliveries: () => [] } });
  await submitted(world, 1);
  const job = world.jobs[0] ?? aJob(9, 0);
  await world.until(world.send({ type: "abort", jobs: [{ job: job.header.id, ranges: [[0, 1]] }] }));
  await comeToRest(world);
  expect(world.violations).toEqual([]);
  expect(leftOver(world)).toEqual([]);
});

test("if the row says that the rule is on, but no sweep has come for three minutes, the next pass enables it again", async () => {
  const world = new World({ engines: 1 });
  await submitted(world, 1, [ok(50_000), ...Array(5).fill(ok(59_000))]);
  await world.pass(MINUTE_MS + 1000);
  // Simulates a deployment that changes the rule.
  world.isRuleOn = false;
  await world.pass(2 * MINUTE_MS);
  await world.until(world.send({ type: "tick" }));
  expect(world.isRuleOn).toBe(false);
  await world.pass(MINUTE_MS);
  await world.until(world.send({ type: "tick" }));
  expect(world.isRuleOn).toBe(true);
});

interface Race {
  /** When the second job is submitted, after the start. */
  at: number;
  /** Returns the fault of a step, if any. */
  fault(step: Step): StepFault | undefined;
  settings?: WorldSettings | undefined;
}

/**
 * Runs a job to its end, and another that is submitted at a certain time and that nobody waits for. Returns what is
 * wrong at the end.
 */
async function race({ at, fault, settings }: Race): Promise<string[]> {
  const world: World = new World({ engines: 1, ...settings, faults: { step: fault } });
  const start = world.clock.now();
  await submitted(world, 1);
  await world.pass(start + at - world.clock.now());
  await submitted(world, 2);
  await world.clock.run(() => world.fleet.active === 0, start + at + 3 * MINUTE_MS);
  const wrong = [unsweptJob(world)].filter((text) => text !== undefined);
  await world.complete(world.jobs, { ms: 3 * MINUTE_MS, ticks: false }).catch((error) => wrong.push(String(error)));
  if (wrong.length === 0) await comeToRest(world);
  return [...wrong, ...world.violations];
}

/** Injects a fault at one step, given by its message and number, in passes from a certain time on. */
function once(message: string, number: number, how: StepFault, invocation = 0): (step: Step) => StepFault | undefined {
  let isDone = false;
  return (step) => {
    if (isDone || step.message !== message || step.number !== number || step.invocation <= invocation) return undefined;
    isDone = true;
    return how;
  };
}

/** More steps than a submit, or a sweep with nothing to do, has. */
const STEPS = 12;
const EACH_STEP = Array.from({ length: STEPS }, (_, at) => at + 1);
const OFFSETS = [-20, -2, 6, 14, 20];

/** Passes before the racing ones: the first submit, the engine's report and three sweeps. */
const BEFORE = 5;

/**
 * Lets each step of the closing sweep and of a concurrent submit wait for the other, or be done twice. Returns the
 * first violation.
 */
async function closingRaces(numbers: readonly number[], settings?: WorldSettings): Promise<string[]> {
  for (const stalled of ["sweep", "submit"])
    for (const number of numbers)
      for (const offset of OFFSETS)
        for (const how of [{ stallMs: 40, when: "before" }, { repeat: true }] as const) {
          const fault = once(stalled, number, how, BEFORE);
          const found = await race({ at: CLOSING_MS + offset, fault, settings: { seed: number, ...settings } });
          if (found.length > 0) return [`${stalled} ${number} ${JSON.stringify(how)} at ${offset}`, ...found];
        }
  return [];
}

/** Runs submits that see the row `on` just before a slow sweep turns it off, and continue long after. */
async function slowSubmits(settings?: WorldSettings): Promise<string[]> {
  const wrong: string[] = [];
  for (let number = 1; number <= STEPS; number++)
    for (const at of [MINUTE_MS - 10, MINUTE_MS + 45_000]) {
      const slow = once("submit", number, { stallMs: 58_000, when: "before" }, 1);
      const fault = (step: Step): StepFault | undefined =>
        step.message === "sweep" && step.verb === "swap" && at > MINUTE_MS
          ? { stallMs: 50_000, when: "before" }
          : slow(step);
      const found = await race({ at, fault, settings: { seed: number, ...settings } });
      wrong.push(...found.map((text) => `${number} at ${at}: ${text}`));
    }
  return wrong;
}

/** Creates a store on which a test controls the swaps of the sweep's row. */
function swapping(change: (real: Store, row: Row, rev: number, standing: number) => ReturnType<Store["swap"]>) {
  return {
    variant: (real: Store & Pick<MemoryStore, "peek">): Store => ({
      write: (rows) => real.write(rows),
      putOnce: (row) => real.putOnce(row),
      swap: (row, rev) =>
        row.sk === SWEEPS_KEY.sk ? change(real, row, rev, real.peek(row)?.rev ?? 0) : real.swap(row, rev),
      claim: (...of) => real.claim(...of),
      update: (key, update) => real.update(key, update),
      read: (keys) => real.read(keys),
      list: (pk, listing) => real.list(pk, listing),
      remove: (keys) => real.remove(keys),
    }),
  };
}

describe("a submit during the sweep that turns the rule off", () => {
  test("a submit during the sweep that turns the rule off gets its sweeps, and they end", async () => {
    expect(await closingRaces(triedSteps(STEPS))).toEqual([]);
  });

  test("the race of a submit and the last sweep is lost if the row is replaced whatever its rev", async () => {
    expect(
      await closingRaces(
        EACH_STEP,
        swapping((real, row, _, standing) => real.swap(row, standing)),
      ),
    ).not.toEqual([]);
  });

  test("the race of a submit and the last sweep is lost if the sweep does not replace the row after disabling the rule", async () => {
    const noSecond = swapping(async (real, row, rev) => (row.state === "off" && rev > 1 ? true : real.swap(row, rev)));
    expect(await closingRaces(EACH_STEP, noSecond)).not.toEqual([]);
  });
});

describe("a slow submit that saw the rule on", () => {
  test("a slow submit that saw the rule on gets its sweeps", async () => {
    expect(await slowSubmits()).toEqual([]);
  });

  test("a slow submit that saw the rule on gets no sweeps if the rule is disabled as soon as the row is off", async () => {
    expect(await slowSubmits({ passMs: -MINUTE_MS })).not.toEqual([]);
  });
});

describe("a scheduler dies", () => {
  test("if the scheduler dies at any step of a submit, the repeated submit gets its sweeps", async () => {
    for (const number of triedSteps(STEPS))
      for (const kill of ["before", "after"] as const) {
        const fault = once("submit", number, { kill }, BEFORE);
        expect(await race({ at: CLOSING_MS - 4, fault, settings: { seed: number } })).toEqual([]);
      }
  });

  test("if the scheduler dies at any step of the last sweep during a submit, a tick after three minutes enables the rule", async () => {
    for (const number of triedSteps(STEPS))
      for (const offset of [-15, -8, -4, 0]) {
        const world: World = new World({
          engines: 1,
          seed: number,
          faults: {
            step: ({ message, number: at }) =>
              message === "sweep" && at === number && world.clock.now() > closing ? { kill: "after" } : undefined,
          },
        });
        const closing = world.clock.now() + CLOSING_MS - 100;
        await submitted(world, 1);
        await world.pass(closing + 100 + offset - world.clock.now());
        await submitted(world, 2);
        await world.pass(3 * MINUTE_MS + 2000);
        await world.until(world.send({ type: "tick" }));
        expect(unsweptJob(world)).toBe(undefined);
      }
  });
});
