import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Grant } from "../../lambdas/protocol/grant.ts";
import { REPORT_BYTES } from "../../lambdas/protocol/outcome-page.ts";
import { aLease, aWarmEngine, resultOf, text } from "./an-engine.ts";
import { HeldClock } from "./held-clock.ts";
import { MemoryBlobs } from "./memory-blobs.ts";
import { blockedUntilReleased, Releases, untilReleased } from "./releases.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

/** Target duration of the leases, so long that only the tests' clocks reach it. */
const AIM_MS = 10_000;

/** Like `untilReleased`, but ends at once if its turn is 0. */
const waits = `(channel, turn) => turn > 0 ? (${untilReleased})(channel, turn) : turn`;

let releases: Releases;
let clock: HeldClock;
beforeEach(() => {
  clock = new HeldClock();
  releases = new Releases();
});
afterEach(() => releases.end());

describe("a lease that lasts twice as long as was aimed at", () => {
  for (const [how, fn] of [
    ["waits", waits],
    ["blocks its thread", blockedUntilReleased],
  ] as const)
    it(`a long lease is reported in parts while a task ${how}: finished tasks are reported, unstarted ones go back, the rest continues`, async () => {
      const engine = await aWarmEngine({ clock });
      const calls = [0, 1, 0, 0].map((turn) => [releases.channel, turn]);
      const endpoint = new ScriptedEndpoint([aLease(fn, calls, { aimMs: AIM_MS })]);
      const ended = engine.invoke(endpoint);
      await releases.heard("waiting 1");
      await clock.pass(2 * AIM_MS + 100);
      releases.next();
      await ended;
      const [part, end, ...more] = endpoint.of("report");
      expect(more).toEqual([]);
      expect(part).toMatchObject({ seq: 1, returned: [2, 3], leaving: false });
      // The first task may have ended so shortly before the second that its result has not arrived yet.
      const indexes = part?.entries.map(({ index }) => index) ?? [];
      expect([...indexes, ...(part?.running ?? [])].sort()).toEqual([0, 1]);
      expect(part?.running).toContain(1);
      expect(end).toMatchObject({ seq: 2, returned: [], running: [] });
      expect(resultOf(endpoint.entries().get(1))).toBe(1);
      expect(resultOf(endpoint.entries().get(0))).toBe(0);
    });

  it("a long lease that may keep its unstarted tasks reports the others as they finish", async () => {
    const engine = await aWarmEngine({ clock });
    // The second and third last until a part is reported; the first and last end as soon as they can.
    const calls = [0, 1, 2, 2].map((turn) => [releases.channel, turn]);
    const report = () => {
      releases.next();
      return undefined;
    };
    const endpoint = new ScriptedEndpoint([aLease(waits, calls, { aimMs: AIM_MS, keep: true })], { report });
    const ended = engine.invoke(endpoint);
    for (const turn of [1, 2]) {
      await releases.heard(`waiting ${turn}`);
      await clock.pass(2 * AIM_MS + 100);
    }
    await ended;
    expect(endpoint.returned()).toEqual([]);
    const parts = endpoint
      .of("report")
      .map(({ seq, entries, running }) => [seq, entries.map(({ index }) => index), running]);
    expect(parts).toEqual([
      [1, [0], [1, 2, 3]],
      [2, [1], [2, 3]],
      [3, [2, 3], []],
    ]);
  });

  it("a long lease ends normally if nothing is running when it is checked", async () => {
    const engine = await aWarmEngine({ clock });
    const blobs = engine.blobs;
    const hash = await blobs.put(Buffer.from(text("late")));
    const sayEnded = (channel: string) => {
      const said = new BroadcastChannel(channel);
      setImmediate(() => {
        said.postMessage("ended");
        said.close();
      });
    };
    const lease = aLease(sayEnded, Array(50).fill([releases.channel]), { aimMs: AIM_MS });
    // The arguments of the second task arrive late: until then, nothing runs.
    const [index, attempt, fn] = lease.tasks[1] ?? [1, 1, 0];
    lease.tasks[1] = [index, attempt, fn, [{ blob: hash, bytes: 6 }]];
    let release = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const get = blobs.get.bind(blobs);
    blobs.get = (name) => released.then(() => get(name));
    const endpoint = new ScriptedEndpoint([lease]);
    const ended = engine.invoke(endpoint);
    await releases.heard("ended");
    await clock.pass(2 * AIM_MS + 100);
    release();
    await ended;
    expect(endpoint.of("report")).toHaveLength(1);
    expect([...endpoint.entries().keys()]).toEqual([0]);
    expect(endpoint.returned().sort((a, b) => a - b)).toEqual(Array.from({ length: 49 }, (_, at) => at + 1));
  });

  it("a long lease runs at least its first task, however slow the start", async () => {
    const engine = await aWarmEngine({ clock });
    const endpoint = new ScriptedEndpoint([aLease(() => 1, [[], []], { aimMs: 0 })]);
    await engine.invoke(endpoint);
    expect(endpoint.entries().get(0)?.status).toBe("ok");
  });

  it("a long lease keeps its number until the answer to a partial report arrives", async () => {
    const engine = await aWarmEngine({ clock });
    let reported = 0;
    const calls = [1, 0].map((turn) => [releases.channel, turn]);
    const endpoint = new ScriptedEndpoint([aLease(waits, calls, { aimMs: AIM_MS })], {
      report: async ({ seq }) => {
        if (++reported > 1) return { type: "idle" };
        releases.next();
        await releases.heard("released 1");
        await clock.advance(0);
        return { type: "continue", seq: seq + 6 };
      },
    });
    const ended = engine.invoke(endpoint);
    await releases.heard("waiting 1");
    await clock.pass(2 * AIM_MS + 100);
    await ended;
    expect(endpoint.of("report").map(({ seq }) => seq)).toEqual([1, 7]);
    expect(endpoint.entries().get(0)?.status).toBe("ok");
  });

  it("a long lease returns tasks that joined it while a long task runs", async () => {
    const engine = await aWarmEngine({ clock });
    const tasks: Grant["tasks"] = [[1, 1, 0, text([releases.channel, 0])]];
    const joined = (seq: number) => ({ ...aLease(untilReleased, []), seq, tasks });
    const endpoint = new ScriptedEndpoint(
      [aLease(untilReleased, [[releases.channel, 1]], { aimMs: AIM_MS / 10, ahead: true })],
      {
        report: ({ more, seq }) => {
          if (more) return { type: "continue", seq: seq + 1, grant: joined(seq + 1) };
          releases.next();
          return undefined;
        },
      },
    );
    const ended = engine.invoke(endpoint);
    await releases.heard("waiting 1");
    // The engine asks for more work soon after the task has started.
    await clock.pass(100);
    await clock.pass(AIM_MS + 100);
    await ended;
    const reported = endpoint.of("report").map(({ more = false, running }) => ({ more, running }));
    expect(reported).toEqual([
      { more: true, running: [0] },
      { more: false, running: [0] },
      { more: false, running: [] },
    ]);
    expect([...endpoint.entries().keys()]).toEqual([0]);
  });

  it("a lease whose partial report is refused is dropped with its running tasks, and reports nothing more", async () => {
    const engine = await aWarmEngine({ clock });
    const calls = [1, 1].map((turn) => [releases.channel, turn]);
    const endpoint = new ScriptedEndpoint([aLease(untilReleased, calls, { aimMs: AIM_MS })], {
      report: () => ({ type: "refused", message: "revoked" }),
    });
    const ended = engine.invoke(endpoint);
    await releases.heard("waiting 1");
    await clock.pass(2 * AIM_MS + 100);
    expect(await ended).toMatchObject({ end: "refused" });
    expect(endpoint.of("report")).toHaveLength(1);
  });
});

describe("results for more than one message", () => {
  it("results for more than one message are reported in parts, each once and below Lambda's limit", async () => {
    const engine = await aWarmEngine({ clock });
    const calls = Array.from({ length: 1000 }, (_, index) => [index]);
    const endpoint = new ScriptedEndpoint([aLease(() => '"'.repeat(3_900), calls)]);
    await engine.invoke(endpoint);
    const reports = endpoint.of("report");
    expect(reports.length).toBeGreaterThan(1);
    for (const report of reports) expect(JSON.stringify(report).length).toBeLessThan(REPORT_BYTES + 500_000);
    const reported = reports.flatMap(({ entries }) => entries.map(({ index }) => index));
    expect(reported.length).toBe(new Set(reported).size);
    const all = [...reported, ...endpoint.returned()].sort((a, b) => a - b);
    expect(all).toEqual(calls.map(([index]) => index));
    for (const { entries, running, returned } of reports)
      expect(new Set([...entries.map(({ index }) => index), ...running, ...returned]).size).toBe(
        entries.length + running.length + returned.length,
      );
  });

  it("results for more than one message count as running while they are being stored", async () => {
    const blobs = new MemoryBlobs();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    blobs.beforePut = () => released;
    const engine = await aWarmEngine({ blobs, clock });
    const fn = `(chars, channel) => channel ? (${untilReleased})(channel, 1) : "x".repeat(chars)`;
    const calls = [[20_000], [0, releases.channel], [1]];
    const endpoint = new ScriptedEndpoint([aLease(fn, calls, { aimMs: AIM_MS })], {
      report: ({ running }) => {
        if (running.length > 0) release();
        releases.next();
        return undefined;
      },
    });
    const ended = engine.invoke(endpoint);
    await releases.heard("waiting 1");
    await clock.pass(2 * AIM_MS + 100);
    await ended;
    expect(endpoint.of("report")[0]?.running).toEqual([0, 1]);
    expect(resultOf(endpoint.entries().get(0), blobs)).toBe("x".repeat(20_000));
  });
});
