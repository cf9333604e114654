import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Grant } from "../../lambdas/protocol/grant.ts";
import { REPORT_BYTES } from "../../lambdas/protocol/outcome-page.ts";
import { aLease, aWarmEngine, resultOf, text } from "./an-engine.ts";
import { MemoryBlobs } from "./memory-blobs.ts";
import { Releases, untilReleased } from "./releases.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

const pause = (ms: number) => new Promise<number>((resolve) => setTimeout(() => resolve(ms), ms));
const block = (ms: number) => {
  for (const end = Date.now() + ms; Date.now() < end; );
  return ms;
};

let releases: Releases;
beforeEach(() => {
  releases = new Releases();
});
afterEach(() => releases.end());

describe("a lease that lasts twice as long as was aimed at", () => {
  for (const [how, fn] of [
    ["waits", pause],
    ["blocks its thread", block],
  ] as const)
    it(`a long lease is reported in parts while a task ${how}: finished tasks are reported, unstarted ones go back, the rest continues`, async () => {
      const engine = await aWarmEngine();
      const endpoint = new ScriptedEndpoint([aLease(fn, [[1], [600], [1], [1]], { aimMs: 100 })]);
      await engine.invoke(endpoint);
      const [part, end, ...more] = endpoint.of("report");
      expect(more).toEqual([]);
      expect(part).toMatchObject({ seq: 1, returned: [2, 3], leaving: false });
      // The first may have ended so shortly before the second that nobody has heard of it yet.
      const indexes = part?.entries.map(({ index }) => index) ?? [];
      expect([...indexes, ...(part?.running ?? [])].sort()).toEqual([0, 1]);
      expect(part?.running).toContain(1);
      expect(end).toMatchObject({ seq: 2, returned: [], running: [] });
      expect(resultOf(endpoint.entries().get(1))).toBe(600);
      expect(resultOf(endpoint.entries().get(0))).toBe(1);
    });

  it("a long lease keeps unstarted tasks if told to, and reports the others as they finish", async () => {
    const engine = await aWarmEngine();
    // The second and third last until a part is reported, the first and last no longer than they must.
    const calls = [0, 1, 2, 2].map((turn) => [releases.channel, turn]);
    const fn = `(channel, turn) => turn > 0 && (${untilReleased})(channel, turn)`;
    const report = () => {
      releases.next();
      return undefined;
    };
    const endpoint = new ScriptedEndpoint([aLease(fn, calls, { aimMs: 150, keep: true })], { report });
    await engine.invoke(endpoint);
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

  it("a long lease ends normally if nothing is running at that moment", async () => {
    const engine = await aWarmEngine();
    const endpoint = new ScriptedEndpoint([aLease(pause, Array(50).fill([5]), { aimMs: 20 })]);
    await engine.invoke(endpoint);
    const indexes = [...endpoint.entries().keys(), ...endpoint.returned()].sort((a, b) => a - b);
    expect(indexes).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(endpoint.returned().length).toBeGreaterThan(0);
    expect(endpoint.entries().size).toBeGreaterThan(0);
  });

  it("a long lease runs at least its first task, however slow the start", async () => {
    const engine = await aWarmEngine();
    const endpoint = new ScriptedEndpoint([aLease(pause, [[1], [1]], { aimMs: 0 })]);
    await engine.invoke(endpoint);
    expect(endpoint.entries().get(0)?.status).toBe("ok");
  });

  it("a long lease keeps its number while the answer to a part is late", async () => {
    const engine = await aWarmEngine();
    let reported = 0;
    const endpoint = new ScriptedEndpoint([aLease(pause, [[250], [1]], { aimMs: 10 })], {
      report: async ({ seq }) => {
        if (++reported > 1) return { type: "idle" };
        await pause(400);
        return { type: "continue", seq: seq + 6 };
      },
    });
    await engine.invoke(endpoint);
    expect(endpoint.of("report").map(({ seq }) => seq)).toEqual([1, 7]);
    expect(endpoint.entries().get(0)?.status).toBe("ok");
  });

  it("a long lease returns tasks that joined it while a long one runs", async () => {
    const engine = await aWarmEngine();
    const tasks: Grant["tasks"] = [[1, 1, 0, text([releases.channel, 0])]];
    const joined = (seq: number) => ({ ...aLease(untilReleased, []), seq, tasks });
    const endpoint = new ScriptedEndpoint(
      [aLease(untilReleased, [[releases.channel, 1]], { aimMs: 100, ahead: true })],
      {
        report: ({ more, seq }) => {
          if (more) return { type: "continue", seq: seq + 1, grant: joined(seq + 1) };
          releases.next();
          return undefined;
        },
      },
    );
    await engine.invoke(endpoint);
    const reported = endpoint.of("report").map(({ more = false, running }) => ({ more, running }));
    expect(reported).toEqual([
      { more: true, running: [0] },
      { more: false, running: [0] },
      { more: false, running: [] },
    ]);
    expect([...endpoint.entries().keys()]).toEqual([0]);
  });

  it("if the part is refused, it is dropped with its running tasks, and nothing more is reported", async () => {
    const engine = await aWarmEngine();
    const endpoint = new ScriptedEndpoint([aLease(() => new Promise(() => undefined), [[], []], { aimMs: 10 })], {
      report: () => ({ type: "refused", message: "revoked" }),
    });
    expect(await engine.invoke(endpoint)).toMatchObject({ end: "refused" });
    expect(endpoint.of("report")).toHaveLength(1);
  });
});

describe("results for more than one message", () => {
  it("such results are reported in parts, each once and below Lambda's limit", async () => {
    const engine = await aWarmEngine();
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

  it("such results count as running while they are being stored", async () => {
    const blobs = new MemoryBlobs();
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    blobs.beforePut = () => released;
    const engine = await aWarmEngine({ blobs });
    const fn = (chars: number) => (chars > 0 ? "x".repeat(chars) : new Promise((done) => setTimeout(done, 300)));
    const endpoint = new ScriptedEndpoint([aLease(fn, [[20_000], [0], [1]], { aimMs: 50 })], {
      report: ({ running }) => {
        if (running.length > 0) release();
        return undefined;
      },
    });
    await engine.invoke(endpoint);
    expect(endpoint.of("report")[0]?.running).toEqual([0, 1]);
    expect(resultOf(endpoint.entries().get(0), blobs)).toBe("x".repeat(20_000));
  });
});
