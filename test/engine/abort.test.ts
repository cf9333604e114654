import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { TaskContext } from "../../lambdas/authoring/task-context.ts";
import type { SessionSummary } from "../../lambdas/engine/supervisor/run-session.ts";
import type { EngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import { aLease, anEngine, resultOf, type TestEngine } from "./an-engine.ts";
import { HeldClock } from "./held-clock.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

declare const task: () => TaskContext;

const act = async (how: string): Promise<unknown> => {
  const said = new BroadcastChannel("a start");
  said.unref();
  if (how === "loop") said.postMessage(how);
  // The other tasks send their message once they wait.
  else setImmediate(() => said.postMessage(how));
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

let clock: HeldClock;
beforeEach(() => {
  clock = new HeldClock();
});

const channel = new BroadcastChannel("a heartbeat");
const starts = new BroadcastChannel("a start");
afterAll(() => {
  channel.close();
  starts.close();
});

/** Runs an invocation. Once the waiting task has started, moves the clock until a heartbeat is sent. */
async function invoke(engine: TestEngine, endpoint: ScriptedEndpoint, waiting: string): Promise<SessionSummary> {
  const started = new Promise<void>((resolve) =>
    starts.addEventListener("message", (event: Event) => {
      if ("data" in event && event.data === waiting) resolve();
    }),
  );
  const ended = engine.invoke(endpoint);
  await started;
  await clock.passUntil(() => endpoint.of("heartbeat").length > 0);
  return ended;
}

/** Ends the task that lasts until a heartbeat, once this heartbeat is answered. */
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
    const engine = await anEngine({ clock });
    const lease = aLease(act, [["a"], ["until heartbeat"], ["b"], ["c"], ["d"]]);
    const endpoint = new ScriptedEndpoint([lease], aborting([0, 1], [2, 4]));
    await invoke(engine, endpoint, "until heartbeat");
    const statuses = [0, 1, 2, 3, 4].map((index) => endpoint.entries().get(index)?.status);
    expect(statuses).toEqual(["ok", "ok", "aborted", "aborted", "ok"]);
    expect(endpoint.entries().get(3)).toMatchObject({ error: { code: "TaskAborted" } });
    expect(endpoint.entries().get(3)).not.toHaveProperty("started");
  });

  it("an abort reaches a running task through its AbortSignal", async () => {
    const engine = await anEngine({ clock });
    const endpoint = new ScriptedEndpoint([aLease(act, [["heed"], ["b"]])], aborting([0, 1]));
    await invoke(engine, endpoint, "heed");
    expect(endpoint.entries().get(0)).toMatchObject({
      status: "aborted",
      stdout: "tidied up\n",
      error: { code: "TaskAborted" },
    });
    expect(resultOf(endpoint.entries().get(1))).toBe("b");
  });

  for (const how of ["never", "loop"])
    it(`an abort kills a task that would ${how}, and no other`, async () => {
      const engine = await anEngine({ clock });
      const endpoint = new ScriptedEndpoint([aLease(act, [[how], ["b"]])], aborting([0, 1]));
      await invoke(engine, endpoint, how);
      expect(endpoint.entries().get(0)).toMatchObject({ status: "aborted", error: { code: "TaskAborted" } });
      expect(resultOf(endpoint.entries().get(1))).toBe("b");
    });
});

describe("a heartbeat", () => {
  it("a heartbeat names the lease by its current number", async () => {
    const engine = await anEngine({ clock });
    const endpoint = new ScriptedEndpoint([aLease(act, [["until heartbeat"], ["b"]], { aimMs: 50 })], aborting());
    await invoke(engine, endpoint, "until heartbeat");
    const seqs = endpoint.of("heartbeat").map(({ seq }) => seq);
    expect(seqs).toEqual([2]);
  });

  it("a refused heartbeat ends the task and the invocation, which reports nothing more", async () => {
    const engine = await anEngine({ clock });
    const endpoint = new ScriptedEndpoint([aLease(act, [["never"]])], {
      heartbeat: () => ({ type: "refused", message: "revoked" }),
    });
    expect(await invoke(engine, endpoint, "never")).toMatchObject({ end: "refused" });
    expect(endpoint.of("report")).toEqual([]);
    // The thread with the revoked task is gone: the next lease gets a new one.
    const next = new ScriptedEndpoint([aLease(act, [["a"]])]);
    await engine.invoke(next);
    expect(resultOf(next.entries().get(0))).toBe("a");
  });

  it("a failed heartbeat has no effect", async () => {
    const engine = await anEngine({ clock });
    const endpoint = new ScriptedEndpoint([aLease(act, [["until heartbeat"]])], {
      heartbeat: () => {
        endAfterHeartbeat();
        return Promise.reject(new Error("lost"));
      },
    });
    await invoke(engine, endpoint, "until heartbeat");
    expect(endpoint.of("heartbeat").length).toBeGreaterThan(0);
    expect(resultOf(endpoint.entries().get(0))).toBe("until heartbeat");
  });
});
