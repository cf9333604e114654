import { describe, expect, it } from "vitest";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import { aLease, anEngine, aUnit, aWarmEngine, resultOf, text } from "./an-engine.ts";
import { HeldClock } from "./held-clock.ts";
import { Releases, untilReleased } from "./releases.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

const double = (x: number) => 2 * x;

describe("an invocation", () => {
  it("an invocation begins before any task runs, and ends at once if refused", async () => {
    const engine = await anEngine();
    const endpoint = new ScriptedEndpoint([], { begin: () => ({ type: "refused", message: "another nonce" }) });
    const summary = await engine.invoke(endpoint, { grant: aLease(double, [[1]]) });
    expect(summary).toEqual({ end: "refused", leases: 0, tasks: 0 });
    expect(endpoint.messages.map(({ type }) => type)).toEqual(["begin"]);
  });

  it("an invocation runs the lease in its event, once it has begun", async () => {
    const engine = await anEngine({ clock: new HeldClock() });
    const endpoint = new ScriptedEndpoint([]);
    await engine.invoke(endpoint, { grant: aLease(double, [[21]]) });
    expect(endpoint.messages.map(({ type }) => type)).toEqual(["begin", "report"]);
    expect(endpoint.of("begin")[0]?.granted).toBe(true);
    expect(resultOf(endpoint.entries().get(0))).toBe(42);
  });

  it("an invocation whose caller waits returns its report instead of sending it", async () => {
    const clock = new HeldClock();
    const engine = await aWarmEngine({ clock });
    const endpoint = new ScriptedEndpoint([]);
    const event = { grant: aLease(double, [[21]]), token: "token", signed: clock.now(), answerMs: 80 };
    const { report, ...summary } = await engine.invoke(endpoint, event);
    expect(summary).toEqual({ end: "idle", leases: 1, tasks: 1 });
    expect(endpoint.messages).toEqual([]);
    expect(report).toMatchObject({ type: "report", engine: 3, seq: 1, leaving: true, running: [] });
    expect(resultOf(report?.entries[0])).toBe(42);
  });

  it.each([
    ["without a time to answer", 0, undefined],
    ["whose event was signed 101 ms ago", 101, 80],
    ["whose event was signed in 101 ms", -101, 80],
  ])("an invocation %s sends its report", async (_, age, answerMs) => {
    const clock = new HeldClock();
    const engine = await aWarmEngine({ clock });
    const endpoint = new ScriptedEndpoint([]);
    const early = { token: "token", signed: clock.now() - age, ...(answerMs === undefined ? {} : { answerMs }) };
    expect(await engine.invoke(endpoint, { grant: aLease(double, [[21]]), ...early })).not.toHaveProperty("report");
    expect(endpoint.messages.map(({ type }) => type)).toEqual(["report"]);
  });

  it("an invocation whose task takes longer than its caller waits sends its report", async () => {
    const clock = new HeldClock();
    const engine = await aWarmEngine({ clock });
    const releases = new Releases();
    const endpoint = new ScriptedEndpoint([]);
    const grant = aLease(untilReleased, [[releases.channel, 1]]);
    const ended = engine.invoke(endpoint, { grant, token: "token", signed: clock.now(), answerMs: 80 });
    await releases.heard("waiting 1");
    await clock.pass(81);
    releases.next();
    expect(await ended).not.toHaveProperty("report");
    releases.end();
    expect(endpoint.messages.at(-1)?.type).toBe("report");
  });

  it("an invocation draws its own nonce, and names it in every message", async () => {
    const engine = await anEngine();
    const endpoints = [new ScriptedEndpoint([aLease(double, [[1]])]), new ScriptedEndpoint([aLease(double, [[1]])])];
    for (const endpoint of endpoints) await engine.invoke(endpoint);
    const nonces = endpoints.map(({ messages }) => [...new Set(messages.map(({ nonce }) => nonce))]);
    expect(nonces.map((list) => list.length)).toEqual([1, 1]);
    expect(nonces[0]).not.toEqual(nonces[1]);
    expect(nonces[0]?.[0]).toMatch(/^[0-9a-zA-Z_-]{16,64}$/);
  });

  it("an invocation runs one lease after another until no lease is left", async () => {
    const engine = await anEngine();
    const endpoint = new ScriptedEndpoint([1, 2, 3].map((x) => aLease(double, [[x], [x]])));
    expect(await engine.invoke(endpoint)).toEqual({ end: "idle", leases: 3, tasks: 6 });
    expect(endpoint.of("report").map(({ seq, leaving }) => [seq, leaving])).toEqual([
      [1, false],
      [2, false],
      [3, false],
    ]);
  });

  it("an invocation leaves when less than half of its time is left", async () => {
    const clock = new HeldClock();
    const engine = await aWarmEngine({ leftMs: 40_000, clock });
    const releases = new Releases();
    const endpoint = new ScriptedEndpoint([aLease(untilReleased, [[releases.channel, 1]]), aLease(double, [[1]])]);
    const ended = engine.invoke(endpoint);
    await releases.heard("waiting 1");
    await clock.pass(20_000);
    releases.next();
    expect(await ended).toMatchObject({ end: "left", leases: 1 });
    releases.end();
    expect(endpoint.of("report").map(({ leaving }) => leaving)).toEqual([true]);
  });

  it("an invocation ends when its report is refused", async () => {
    const engine = await anEngine();
    const endpoint = new ScriptedEndpoint([aLease(double, [[1]]), aLease(double, [[1]])], {
      report: () => ({ type: "refused", message: "revoked" }),
    });
    expect(await engine.invoke(endpoint)).toMatchObject({ end: "refused", leases: 1 });
  });

  it("an invocation fails if the report function fails permanently, so that the cluster learns of it at once", async () => {
    const engine = await anEngine();
    const endpoint = new ScriptedEndpoint([aLease(double, [[1]])], {
      report: () => Promise.reject(new ClusterError("gone")),
    });
    await expect(engine.invoke(endpoint)).rejects.toThrow("gone");
  });

  it("an invocation fails on an invalid lease, and runs nothing of it", async () => {
    const engine = await anEngine();
    const endpoint = new ScriptedEndpoint([]);
    await expect(engine.invoke(endpoint, { grant: { seq: 1 } as never })).rejects.toThrow(
      "cannot read the tasks sent to this engine",
    );
    expect(endpoint.messages.map(({ type }) => type)).toEqual(["begin"]);
  });
});

describe("code", () => {
  it("code is kept from one invocation to the next, which reports that it has the code", async () => {
    const engine = await anEngine();
    const lease = aLease(double, [[1]]);
    await engine.invoke(new ScriptedEndpoint([lease]));
    const endpoint = new ScriptedEndpoint([{ ...lease, units: [] }]);
    await engine.invoke(endpoint);
    expect(endpoint.of("begin")[0]?.have).toEqual(lease.units.map(({ hash }) => hash));
    expect(endpoint.of("fetch")).toEqual([]);
    expect(resultOf(endpoint.entries().get(0))).toBe(2);
  });

  it("code stays loaded in the warm worker, with its state", async () => {
    const engine = await anEngine();
    const unit = `(() => { let calls = 0; return () => ++calls; })()`;
    const results: unknown[] = [];
    for (let round = 0; round < 2; round++) {
      const endpoint = new ScriptedEndpoint([aLease(unit, [[], []])]);
      await engine.invoke(endpoint);
      results.push(resultOf(endpoint.entries().get(0)), resultOf(endpoint.entries().get(1)));
    }
    expect(results).toEqual([1, 2, 3, 4]);
  });

  it("code that no message contained is requested, in as many messages as necessary", async () => {
    const engine = await anEngine();
    const units = [aUnit(() => "a"), aUnit(() => "b"), aUnit(() => "c")];
    const lease = aLease(double, []);
    lease.units = [];
    lease.functions = units.map(({ hash }) => ({ code: hash, at: "table", name: "fn" }));
    lease.tasks = units.map((_, at) => [at, 1, at, text([])]);
    const endpoint = new ScriptedEndpoint([lease], {
      fetch: ({ units: wanted }) => ({ type: "units", units: units.filter(({ hash }) => hash === wanted[0]) }),
    });
    await engine.invoke(endpoint);
    expect(endpoint.of("fetch").map(({ units: wanted }) => wanted.length)).toEqual([3, 2, 1]);
    expect([0, 1, 2].map((index) => resultOf(endpoint.entries().get(index)))).toEqual(["a", "b", "c"]);
  });

  it("code too large for the table is read from the blobs", async () => {
    const engine = await anEngine();
    const lease = aLease(double, [[4]]);
    for (const { hash, body } of lease.units) await engine.blobs.putAs(hash, Buffer.from(body, "base64"));
    lease.functions = lease.functions.map((reference) => ({ ...reference, at: "blob" }));
    const endpoint = new ScriptedEndpoint([{ ...lease, units: [] }]);
    await engine.invoke(endpoint);
    expect(endpoint.of("fetch")).toEqual([]);
    expect(resultOf(endpoint.entries().get(0))).toBe(8);
  });
});
