import { describe, expect, test } from "vitest";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import { engineKey } from "../../lambdas/protocol/rows.ts";
import { engineOf } from "../../lambdas/scheduler/rows/engine-rows.ts";
import { on, submitted, waitingJob } from "../dependencies/waiting.ts";
import { aJob, ok } from "../simulation/a-job.ts";
import type { Step, StepFault } from "../simulation/faults.ts";
import { failureRecord, World } from "../simulation/world.ts";
import { kept, PuppetEngine } from "./puppet-engine.ts";
import { expectSound } from "./sound.ts";

/** An engine that a test plays, with a high-water mark of 1 and a job of so many tasks. Records the scheduler's steps. */
async function oneByOne(tasks: number, fault?: (step: Step) => StepFault | undefined) {
  const events: EngineEvent[] = [];
  const steps: string[] = [];
  const step = (one: Step) => {
    steps.push(`${one.verb} ${one.key}`);
    return fault?.(one);
  };
  const world = new World({ engines: 1, hwm: 1, sweeps: false, faults: { ...kept(events), step } });
  const job = aJob(1, world.clock.now(), { tasks: Array.from({ length: tasks }, () => ok(1)) });
  await submitted(world, job);
  const [event] = events;
  if (!event) throw new Error("no engine was started");
  const puppet = new PuppetEngine(world, event);
  await puppet.begin();
  const shown = () => {
    const row = world.tables.peek(engineKey(event.engine));
    if (!row) throw new Error("the engine has no row");
    return engineOf(row);
  };
  /** Reports until the engine runs a task that its row does not show. */
  const untilNamed = async () => {
    while (puppet.lease?.link === undefined) await puppet.report();
    steps.length = 0;
  };
  /** Reports the rest of the lease's tasks, and those of all next leases. */
  const finish = async () => {
    for (let answer = await puppet.report(); answer.type === "lease"; ) answer = await puppet.report(linkOf(puppet));
  };
  return { world, job, event, puppet, steps, shown, untilNamed, finish };
}

function linkOf({ lease }: PuppetEngine) {
  return lease?.link === undefined ? {} : { link: lease.link };
}

const taskOf = ({ lease }: PuppetEngine) => lease?.tasks[0]?.[0];

describe("under hwm 1", () => {
  test("a report whose page names the next task makes a claim and a page, and nothing else", async () => {
    const { world, puppet, steps, untilNamed, finish } = await oneByOne(20);
    await untilNamed();
    const before = taskOf(puppet) ?? 0;
    await puppet.report(linkOf(puppet));
    expect(taskOf(puppet)).toBe(before + 1);
    expect(steps.filter((one) => !one.startsWith("list q#"))).toEqual([
      "claim job",
      expect.stringMatching(/^putOnce o#/),
    ]);
    await finish();
    await expectSound(world);
  });

  test("a report without its link finds the lease by the pages", async () => {
    const { world, puppet, untilNamed, finish } = await oneByOne(20);
    await untilNamed();
    const before = taskOf(puppet) ?? 0;
    for (let times = 1; times <= 3; times++) await puppet.report();
    expect(taskOf(puppet)).toBe(before + 3);
    await finish();
    await expectSound(world);
  });

  test("a forged link, or one for another lease, gives no task away", async () => {
    const { world, puppet, untilNamed, finish } = await oneByOne(20);
    await untilNamed();
    const { seq = 0, link = "" } = puppet.lease ?? {};
    const index = taskOf(puppet) ?? 0;
    const other = { entries: [puppet.ended(index + 1)] };
    const forged = link.replace(`,${seq},${index},`, `,${seq},${index + 1},`);
    expect(forged).not.toBe(link);
    for (const change of [
      { ...other, link },
      { ...other, link: forged },
      { ...other, link, seq: seq + 1 },
    ])
      expect(await puppet.report(change)).toMatchObject({ type: "refused" });
    await finish();
    await expectSound(world);
  });

  test("a report that arrives twice gets the same task, and the work claimed for the second is queued again", async () => {
    const { world, puppet, untilNamed, finish } = await oneByOne(20);
    await untilNamed();
    const message = puppet.message(linkOf(puppet));
    const [first, second] = await Promise.all([world.until(world.report(message)), world.until(world.report(message))]);
    if (first.type !== "lease" || second.type !== "lease") throw new Error("a report got no lease");
    expect(second.grant.tasks).toEqual(first.grant.tasks);
    puppet.lease = first.grant;
    await finish();
    await expectSound(world);
  });

  test("the revocation of a session follows the pages to the task that runs", async () => {
    const { world, job, event, puppet, shown, untilNamed } = await oneByOne(20);
    await untilNamed();
    for (let times = 1; times <= 3; times++) await puppet.report(linkOf(puppet));
    const running = taskOf(puppet) ?? 0;
    await world.until(world.report(failureRecord(event, "killed")));
    expect(await puppet.report(linkOf(puppet))).toMatchObject({ type: "refused" });
    expect(shown().completed).toBe(running);
    const { entries } = world.pages(job).find(({ page }) => page.revoked)?.page ?? {};
    expect(entries).toMatchObject([{ index: running, status: "lost" }]);
  });

  test("a heartbeat writes the task that runs into the engine's row", async () => {
    const { world, puppet, shown, untilNamed, finish } = await oneByOne(20);
    await untilNamed();
    await puppet.report(linkOf(puppet));
    const running = taskOf(puppet) ?? 0;
    expect(shown().leases[0]?.ranges[0]?.from).toBeLessThan(running);
    expect(await puppet.heartbeat()).toMatchObject({ type: "alive" });
    expect(shown()).toMatchObject({ leases: [{ ranges: [{ from: running }] }], completed: running });
    await finish();
    await expectSound(world);
  });

  test("an engine's row is written again after a second, and after fifty tasks", async () => {
    const { world, puppet, steps, untilNamed, finish } = await oneByOne(200);
    await untilNamed();
    const swaps = () => steps.filter((one) => one.startsWith("swap")).length;
    for (let times = 1; times <= 100; times++) await puppet.report(linkOf(puppet));
    expect(swaps()).toBeGreaterThanOrEqual(1);
    expect(swaps()).toBeLessThanOrEqual(4);
    await puppet.report(linkOf(puppet));
    steps.length = 0;
    await world.pass(1000);
    await puppet.report(linkOf(puppet));
    expect(swaps()).toBe(1);
    await finish();
    await expectSound(world);
  });

  test("a job that comes to wait for a task between its claim and its page is released by the engine's next message", async () => {
    for (const ends of ["report", "heartbeat"] as const) {
      let isHeld = false;
      const { world, job, puppet, untilNamed, finish } = await oneByOne(20, ({ verb, key }) =>
        isHeld && verb === "putOnce" && key.startsWith("o#") ? { stallMs: 500, when: "before" } : undefined,
      );
      await untilNamed();
      const index = taskOf(puppet) ?? 0;
      isHeld = true;
      const reported = puppet.report(linkOf(puppet));
      const child = waitingJob(2, world.clock.now(), { after: [on(job, { range: [index, index + 1] })] });
      await submitted(world, child);
      isHeld = false;
      await reported;
      const isQueued = () => world.queueEntries().some((entry) => entry.job === child.header.id);
      expect(isQueued()).toBe(false);
      await (ends === "report" ? puppet.report(linkOf(puppet)) : puppet.heartbeat());
      expect(isQueued()).toBe(true);
      await finish();
      await expectSound(world);
    }
  });
});
