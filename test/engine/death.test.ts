import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { aLease, anEngine, resultOf, TestEngine } from "./an-engine.ts";
import { Releases } from "./releases.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

/**
 * Dies as instructed, or returns its argument. The tasks that leave something behind return first; it happens during a
 * later task, `breathe`.
 */
const act = (how: unknown, channel = ""): unknown => {
  const never = new Promise(() => undefined);
  const once = (isSo: () => boolean, then: () => void) => {
    const look = () => (isSo() ? then() : void setImmediate(look));
    setImmediate(look);
  };
  const left: { isBreathing?: boolean; hasHappened?: boolean; process?: unknown } = globalThis;
  const whileBreathing = (happen: () => void) =>
    once(
      () => left.isBreathing === true,
      () => {
        left.hasHappened = true;
        happen();
      },
    );
  if (how === "exit") process.exit(3);
  if (how === "exit later") {
    setTimeout(() => process.exit(4));
    return never;
  }
  if (how === "throw later") {
    setTimeout(() => {
      throw new RangeError("nobody catches it");
    });
    return never;
  }
  if (how === "reject") {
    void Promise.reject(new TypeError("nobody handles it"));
    return never;
  }
  if (how === "memory") {
    const held: unknown[] = [];
    for (;;) held.push(new Array(1000).fill(how));
  }
  if (how === "buffers") {
    const held: Buffer[] = [];
    for (;;) held.push(Buffer.alloc(1_000_000, 1));
  }
  if (how === "breathe") {
    left.isBreathing = true;
    return new Promise((resolve) =>
      once(
        () => left.hasHappened === true,
        () => resolve(how),
      ),
    );
  }
  if (how === "leave a rejection") whileBreathing(() => void Promise.reject(new Error("left behind")));
  if (how === "leave a throw")
    whileBreathing(() => {
      throw new Error("left behind");
    });
  if (how === "leave an exit") whileBreathing(() => process.exit(5));
  if (how === "leave a listener") new BroadcastChannel(channel).addEventListener("message", () => process.exit(5));
  return how;
};

describe("a task that kills its thread", () => {
  for (const [how, reported] of [
    ["exit", "process.exit(3)"],
    ["exit later", "process.exit(4)"],
    ["throw later", "nobody catches it"],
    ["reject", "nobody handles it"],
    ["memory", "ran out of memory"],
    ["buffers", "ran out of memory"],
  ] as const)
    it(`a task that ends its thread by ${how} is lost with that reason, and the other tasks of its lease return`, async () => {
      const engine = await anEngine({ memoryMb: 160 });
      const endpoint = new ScriptedEndpoint([aLease(act, [["a"], [how], ["b"], ["c"]])]);
      await engine.invoke(endpoint);
      const entry = endpoint.entries().get(1);
      expect(entry).toMatchObject({ status: "lost", error: { code: "EngineError", ename: "EngineError" } });
      expect(entry?.error?.evalue).toContain(reported);
      expect(entry).toHaveProperty("started");
      expect(resultOf(endpoint.entries().get(2))).toBe("b");
      expect(resultOf(endpoint.entries().get(3))).toBe("c");
      expect(endpoint.entries().has(0) || endpoint.returned().includes(0)).toBe(true);
    });

  it("a task that ends its thread among 200 harms no other: each returns or goes back to the queue", async () => {
    const engine = await anEngine();
    const calls = Array.from({ length: 200 }, (_, index) => [index === 77 ? "exit" : index]);
    const endpoint = new ScriptedEndpoint([aLease(act, calls)]);
    await engine.invoke(endpoint);
    const lost = [...endpoint.entries().values()].filter(({ status }) => status !== "ok");
    expect(lost.map(({ index, status }) => [index, status])).toEqual([[77, "lost"]]);
    const all = [...endpoint.entries().keys(), ...endpoint.returned()].sort((a, b) => a - b);
    expect(all).toEqual(calls.map((_, index) => index));
  });

  it("results from before the end of the thread are kept, whether the task exits or throws", async () => {
    const engine = await anEngine();
    const endpoint = new ScriptedEndpoint([aLease(act, [["a"], ["b"], ["exit"], ["c"], ["reject"], ["d"]])]);
    await engine.invoke(endpoint);
    expect([0, 1, 3, 5].map((index) => resultOf(endpoint.entries().get(index)))).toEqual(["a", "b", "c", "d"]);
    expect(endpoint.returned()).toEqual([]);
  });

  it("every task of a lease may kill its thread, and the lease still ends", async () => {
    const engine = await anEngine();
    const endpoint = new ScriptedEndpoint([aLease(act, [["exit"], ["exit"], ["exit"], ["exit"]])]);
    await engine.invoke(endpoint);
    expect([...endpoint.entries().values()].map(({ status }) => status)).toEqual(["lost", "lost", "lost", "lost"]);
  });
});

describe("side effects of a finished task", () => {
  for (const how of ["leave a rejection", "leave a throw"])
    it(`an error that a finished task left behind does not fail the task that runs by then: ${how}`, async () => {
      const engine = await anEngine();
      const endpoint = new ScriptedEndpoint([aLease(act, [[how], ["breathe"]])]);
      await engine.invoke(endpoint);
      expect(resultOf(endpoint.entries().get(0))).toBe(how);
      expect(resultOf(endpoint.entries().get(1))).toBe("breathe");
    });

  it("when something that a finished task left behind ends the thread, the running tasks go back to the queue", async () => {
    const engine = await anEngine();
    const endpoint = new ScriptedEndpoint([aLease(act, [["leave an exit"], ["breathe"], ["c"]])]);
    await engine.invoke(endpoint);
    expect(resultOf(endpoint.entries().get(0))).toBe("leave an exit");
    expect(endpoint.returned()).toEqual([1]);
    expect(resultOf(endpoint.entries().get(2))).toBe("c");
  });

  it("a callback that a finished task left behind may end the thread between two leases", async () => {
    const threadEnds = new Promise((resolve) => process.once("worker", (thread) => thread.once("exit", resolve)));
    const engine = await anEngine();
    const releases = new Releases();
    releases.next();
    const leases = [aLease(act, [["leave a listener", releases.channel]]), aLease(act, [["a"], ["b"], ["c"]])];
    const endpoint = new ScriptedEndpoint(leases, {
      report: async ({ seq }) => {
        if (seq === 1) await threadEnds;
        return undefined as never;
      },
    });
    await engine.invoke(endpoint);
    releases.end();
    const [, ...second] = endpoint.of("report");
    const statuses = second.flatMap(({ entries }) => entries.map(({ status }) => status));
    const returned = second.flatMap((report) => report.returned);
    expect([...statuses, ...returned.map(() => "ok")]).toEqual(["ok", "ok", "ok"]);
  });
});

describe("a worker that cannot start", () => {
  it("a worker that cannot start fails the invocation, instead of its tasks", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "fantail-broken-")), "worker.mjs");
    writeFileSync(file, 'throw new Error("half a deployment");');
    const engine = new TestEngine(pathToFileURL(file), {});
    await expect(engine.invoke(new ScriptedEndpoint([aLease(act, [["a"]])]))).rejects.toThrow("half a deployment");
  });
});
