import { afterAll, describe, expect, it } from "vitest";
import type { TaskContext } from "../../lambdas/authoring/task-context.ts";
import type { EngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import { aLease, anEngine, resultOf } from "./an-engine.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

declare const task: () => TaskContext;

const act = async (how: string): Promise<unknown> => {
  if (how === "loop") for (;;);
  if (how === "never") return new Promise(() => undefined);
  if (how === "until heartbeat") {
    const heard = new BroadcastChannel("a heartbeat");
    await new Promise((resolve) => heard.addEventListener("message", resolve));
    heard.close();
  }
  if (how === "heed")
    return new Promise((_, reject) => {
      const { signal } = task();
      signal.addEventListener("abort", () => {
        console.log("tidied up");
        reject(signal.reason);
      });
    });
  return how;
};

const channel = new BroadcastChannel("a heartbeat");
afterAll(() => channel.close());

/** Ends the task that lasts until a heartbeat, once this one is answered. */
function endAfterHeartbeat(): void {
  setTimeout(() => channel.postMessage("answered"));
}

const aborting = (...ranges: [number, number][]) => ({
  heartbeat: (): EngineAnswer => {
    endAfterHeartbeat();
    return { type: "alive", aborting: ranges };
  },
});

describe("an abort", () => {
  it("an abort keeps unstarted tasks from starting, and leaves the others alone", async () => {
    const engine = await anEngine();
    const lease = aLease(act, [["a"], ["until heartbeat"], ["b"], ["c"], ["d"]]);
    const endpoint = new ScriptedEndpoint([lease], aborting([0, 1], [2, 4]));
    await engine.invoke(endpoint);
    const statuses = [0, 1, 2, 3, 4].map((index) => endpoint.entries().get(index)?.status);
    expect(statuses).toEqual(["ok", "ok", "aborted", "aborted", "ok"]);
    expect(endpoint.entries().get(3)).toMatchObject({ error: { code: "TaskAborted" } });
    expect(endpoint.entries().get(3)).not.toHaveProperty("started");
  });

  it("an abort reaches a running task through its AbortSignal", async () => {
    const engine = await anEngine();
    const endpoint = new ScriptedEndpoint([aLease(act, [["heed"], ["b"]])], aborting([0, 1]));
    await engine.invoke(endpoint);
    expect(endpoint.entries().get(0)).toMatchObject({
      status: "aborted",
      stdout: "tidied up\n",
      error: { code: "TaskAborted" },
    });
    expect(resultOf(endpoint.entries().get(1))).toBe("b");
  });

  for (const how of ["never", "loop"])
    it(`an abort kills a task that would ${how}, and no other`, async () => {
      const engine = await anEngine();
      const endpoint = new ScriptedEndpoint([aLease(act, [[how], ["b"]])], aborting([0, 1]));
      await engine.invoke(endpoint);
      expect(endpoint.entries().get(0)).toMatchObject({ status: "aborted", error: { code: "TaskAborted" } });
      expect(resultOf(endpoint.entries().get(1))).toBe("b");
    });
});

describe("a heartbeat", () => {
  it("a heartbeat names the lease by its current number", async () => {
    const engine = await anEngine();
    const endpoint = new ScriptedEndpoint([aLease(act, [["until heartbeat"], ["b"]], { aimMs: 50 })], aborting());
    await engine.invoke(endpoint);
    const seqs = endpoint.of("heartbeat").map(({ seq }) => seq);
    expect(seqs).toEqual([2]);
  });

  it("if refused, it ends the task and the invocation, which reports nothing more", async () => {
    const engine = await anEngine();
    const endpoint = new ScriptedEndpoint([aLease(act, [["never"]])], {
      heartbeat: () => ({ type: "refused", message: "revoked" }),
    });
    expect(await engine.invoke(endpoint)).toMatchObject({ end: "refused" });
    expect(endpoint.of("report")).toEqual([]);
    // The thread with the revoked task is gone: another lease gets a fresh one.
    const next = new ScriptedEndpoint([aLease(act, [["a"]])]);
    await engine.invoke(next);
    expect(resultOf(next.entries().get(0))).toBe("a");
  });

  it("if it fails, nothing happens", async () => {
    const engine = await anEngine();
    const endpoint = new ScriptedEndpoint([aLease(act, [["until heartbeat"]])], {
      heartbeat: () => {
        endAfterHeartbeat();
        return Promise.reject(new Error("lost"));
      },
    });
    await engine.invoke(endpoint);
    expect(endpoint.of("heartbeat").length).toBeGreaterThan(0);
    expect(resultOf(endpoint.entries().get(0))).toBe("until heartbeat");
  });
});
