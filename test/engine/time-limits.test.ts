import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { TaskContext } from "../../lambdas/authoring/task-context.ts";
import { invocationTimes } from "../../lambdas/engine/rules/invocation-times.ts";
import { stopOf } from "../../lambdas/engine/rules/kill-at-timeout.ts";
import type { SessionSummary } from "../../lambdas/engine/supervisor/run-session.ts";
import { aLease, aWarmEngine, resultOf, type TestEngine } from "./an-engine.ts";
import { HeldClock } from "./held-clock.ts";
import { Releases, untilReleased } from "./releases.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

declare const task: () => TaskContext;

/** Ends as instructed: at once, never, in an endless loop, or when its signal says so. Those that last announce it. */
const act = (how: string): unknown => {
  const said = new BroadcastChannel("time limits");
  said.unref();
  if (how === "loop") said.postMessage(how);
  else if (how.length > 1) setImmediate(() => said.postMessage(how));
  if (how === "never") return new Promise(() => undefined);
  if (how === "loop") for (;;);
  if (how === "heed")
    return new Promise((_, reject) => {
      const { signal } = task();
      signal.addEventListener("abort", () => {
        console.log(`stopped: ${String(signal.reason)}`);
        reject(signal.reason);
      });
    });
  if (how === "defy") {
    task().signal.addEventListener("abort", () => console.log("no"));
    return new Promise(() => undefined);
  }
  return how;
};

let clock: HeldClock;
beforeEach(() => {
  clock = new HeldClock();
});

const starts = new BroadcastChannel("time limits");
afterAll(() => starts.close());

/** Runs an invocation, and moves its clock once the long task has started and once more after that. */
async function invoke(
  engine: TestEngine,
  endpoint: ScriptedEndpoint,
  ms: number,
  graceMs = 0,
): Promise<SessionSummary> {
  const started = new Promise((resolve) => starts.addEventListener("message", resolve, { once: true }));
  const ended = engine.invoke(endpoint);
  await started;
  await clock.pass(ms);
  await clock.advance(graceMs);
  return ended;
}

describe("runTimeoutMs", () => {
  for (const how of ["never", "loop", "defy"])
    it(`runTimeoutMs ends a task that would ${how}, and no other`, async () => {
      const engine = await aWarmEngine({ clock });
      const endpoint = new ScriptedEndpoint([aLease(act, [["a"], [how], ["b"]], { runTimeoutMs: 20_000 })]);
      await invoke(engine, endpoint, 20_000, how === "defy" ? 1_000 : 0);
      const entry = endpoint.entries().get(1);
      expect(entry).toMatchObject({ status: "timeout", error: { code: "RunTimeout" } });
      expect(entry?.error?.evalue).toContain("20000 ms");
      expect(Number(entry?.completed) - Number(entry?.started)).toBeGreaterThanOrEqual(20_000);
      expect(resultOf(endpoint.entries().get(2))).toBe("b");
      // The first task may have ended so shortly before that its result was lost with the thread.
      expect(endpoint.entries().has(0) || endpoint.returned().includes(0)).toBe(true);
    });

  it("runTimeoutMs first aborts the task's AbortSignal, and keeps the output that the task then writes", async () => {
    const engine = await aWarmEngine({ clock });
    const endpoint = new ScriptedEndpoint([aLease(act, [["heed"], ["b"]], { runTimeoutMs: 20_000 })]);
    await invoke(engine, endpoint, 20_000);
    expect(endpoint.entries().get(0)).toMatchObject({ status: "timeout", error: { code: "RunTimeout" } });
    expect(endpoint.entries().get(0)?.stdout).toContain(
      "stopped: AbortError: the task ran longer than runTimeoutMs (20000 ms)",
    );
    expect(resultOf(endpoint.entries().get(1))).toBe("b");
  });

  it("runTimeoutMs applies to a task that ended by itself too late", async () => {
    const engine = await aWarmEngine({ clock });
    // The supervisor's clock stands still, so only the thread's clock counts.
    const late = (ms: number) => {
      for (const end = performance.now() + ms; performance.now() < end; );
    };
    const endpoint = new ScriptedEndpoint([aLease(late, [[0], [5]], { runTimeoutMs: 4 })]);
    await engine.invoke(endpoint);
    expect(endpoint.entries().get(1)).toMatchObject({ status: "timeout", error: { code: "RunTimeout" } });
  });
});

describe("a deadline", () => {
  it("a deadline ends running and unstarted tasks as TaskTimeout", async () => {
    const engine = await aWarmEngine({ clock });
    const deadlineAt = Date.now() + 20_000;
    const endpoint = new ScriptedEndpoint([aLease(act, [["a"], ["never"], ["b"]], { deadlineAt })]);
    await invoke(engine, endpoint, 20_000);
    expect(endpoint.entries().get(0)?.status).toBe("ok");
    for (const index of [1, 2])
      expect(endpoint.entries().get(index)).toMatchObject({ status: "timeout", error: { code: "TaskTimeout" } });
    expect(endpoint.entries().get(1)).toHaveProperty("started");
    expect(endpoint.entries().get(2)).not.toHaveProperty("started");
  });
});

describe("the end of the invocation", () => {
  it("before Lambda ends the invocation, the running task times out and unstarted ones go back to the queue", async () => {
    const engine = await aWarmEngine({ leftMs: 20_000, clock });
    const endpoint = new ScriptedEndpoint([aLease(act, [["a"], ["loop"], ["b"]])]);
    expect(await invoke(engine, endpoint, 20_000)).toMatchObject({ end: "left" });
    expect(endpoint.entries().get(1)).toMatchObject({ status: "timeout", error: { code: "RunTimeout" } });
    expect(endpoint.entries().get(1)?.error?.evalue).toContain("end of its engine's invocation");
    expect(endpoint.returned()).toContain(2);
  });

  it("tasks that have not started by half of the invocation's time go back to the queue", async () => {
    const engine = await aWarmEngine({ leftMs: 20_000, clock });
    const releases = new Releases();
    const calls = [1, 1].map((turn) => [releases.channel, turn]);
    const report = () => {
      releases.next();
      return undefined;
    };
    const endpoint = new ScriptedEndpoint([aLease(untilReleased, calls)], { report });
    const ended = engine.invoke(endpoint);
    await releases.heard("waiting 1");
    await clock.pass(10_000);
    await ended;
    releases.end();
    expect(endpoint.of("report")[0]).toMatchObject({ running: [0], returned: [1] });
    expect(endpoint.entries().get(0)?.status).toBe("ok");
    expect(endpoint.of("report").at(-1)?.leaving).toBe(true);
  });
});

describe("the times of an invocation", () => {
  it("an invocation reserves time for the grace period and the report, less of it in a short invocation", () => {
    const long = invocationTimes(0, 900_000);
    expect(long).toMatchObject({ leaveAt: 450_000, endsAt: 897_500, graceMs: 1_000 });
    const short = invocationTimes(0, 1_000);
    expect(short.endsAt).toBe(750);
    expect(short.endsAt + short.graceMs).toBeLessThan(1_000);
  });

  it("the earliest limit stops a task, and is named in its error", () => {
    const times = invocationTimes(0, 900_000);
    const stopped = (runTimeoutMs?: number, deadlineAt?: number) => {
      const { at, cause } = stopOf(1_000, { runTimeoutMs, deadlineAt }, times);
      return [at, cause.error.code];
    };
    expect(stopped(500, 5_000)).toEqual([1_500, "RunTimeout"]);
    expect(stopped(5_000, 2_000)).toEqual([2_000, "TaskTimeout"]);
    expect(stopped()).toEqual([897_500, "RunTimeout"]);
  });
});
