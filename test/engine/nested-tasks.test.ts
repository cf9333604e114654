import { describe, expect, it } from "vitest";
import type { TaskContext } from "../../client/task.ts";
import type { EngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import type { Grant } from "../../lambdas/protocol/grant.ts";
import { packOutcomePage } from "../../lambdas/protocol/packed-page.ts";
import type { EngineMessage } from "../../lambdas/protocol/report-messages.ts";
import { taskId } from "../../lambdas/protocol/task-id.ts";
import { aLease, aWarmEngine, JOB, resultOf, text } from "./an-engine.ts";
import { HeldClock } from "./held-clock.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";

declare const task: () => TaskContext;
type Message<Type extends EngineMessage["type"]> = EngineMessage & { type: Type };

const PARENT = taskId(JOB, 0);

/** Waits for a child that adds one. */
const parent = async (x: number) => {
  const more = 1;
  const { view } = task();
  return [x, await view.apply((y: number) => y + more, x)];
};

/** A cluster in which children end with this value as soon as a session asks for them; without a value, never. */
class ChildEndpoint extends ScriptedEndpoint {
  childValue: unknown;
  /** Ranges to abort, sent in each answer to a waiting session. */
  aborting: { job: string; ranges: [number, number][] }[] = [];
  #isSettled = false;

  constructor(leases: Grant[], childValue?: unknown) {
    super(leases, {
      read: (message: Message<"read">): EngineAnswer => {
        const entry = { index: 0, attempt: 1, status: "ok" as const, final: true, value: text(this.childValue) };
        const page = { revoked: false, received: 1, entries: [entry] };
        const pages = [{ sk: "o#00000000#0", body: packOutcomePage(page) }];
        return message.pages
          ? { type: "pages", pages: this.childValue === undefined ? [] : pages, more: false }
          : { type: "row" };
      },
      settle: (): undefined => {
        this.#isSettled = true;
      },
      next: (): EngineAnswer =>
        this.#isSettled ? { type: "idle" } : { type: "waiting", seq: 9, parked: this.aborting },
    });
    this.childValue = childValue;
  }

  aborted(): unknown[] {
    return this.of("ask").flatMap(({ message }) => (message.type === "abort" ? message.jobs : []));
  }

  submitted(): string[] {
    return this.of("ask").flatMap(({ message }) =>
      message.type === "submit" ? message.jobs.map(({ header }) => header.id) : [],
    );
  }
}

describe("a task that waits for one that it has submitted", () => {
  it("a waiting task submits in its own name, is parked, and its outcome is reported separately", async () => {
    const engine = await aWarmEngine();
    const endpoint = new ChildEndpoint([aLease(parent, [[41]])], 42);
    expect(await engine.invoke(endpoint)).toMatchObject({ end: "idle" });
    expect(endpoint.of("ask")).toMatchObject([{ parent: PARENT, message: { type: "submit" } }]);
    expect(endpoint.of("park")).toMatchObject([{ seq: 1, leaving: false }]);
    expect(endpoint.of("report")).toEqual([]);
    const [settled] = endpoint.of("settle");
    expect(settled).toMatchObject({ job: JOB, entry: { index: 0, status: "ok" } });
    expect(resultOf(settled?.entry)).toEqual([41, 42]);
    expect(endpoint.aborted()).toEqual([]);
  });

  it("a waiting task returns unstarted tasks to the queue, and reports the finished ones", async () => {
    const engine = await aWarmEngine();
    const mixed = async (kind: string) => (kind === "parent" ? task().view.apply(() => 1) : kind);
    const endpoint = new ChildEndpoint([aLease(mixed, [["one"], ["parent"], ["two"]])], 1);
    await engine.invoke(endpoint);
    expect(endpoint.of("report")).toMatchObject([{ seq: 1, entries: [{ index: 0 }], returned: [2], running: [1] }]);
    expect(endpoint.of("park")).toMatchObject([{ seq: 2 }]);
    expect(endpoint.of("settle")).toMatchObject([{ entry: { index: 1, status: "ok" } }]);
  });

  it("a waiting task neither blocks other leases nor is affected by them", async () => {
    const engine = await aWarmEngine();
    const leases = [aLease(parent, [[1]]), aLease(() => process.exit(3), [[]]), aLease(() => "innocent", [[]])];
    const endpoint = new ChildEndpoint(leases);
    const send = endpoint.send.bind(endpoint);
    endpoint.send = async (message) => {
      // The child ends once everything else is done.
      if (message.type === "report" && message.entries[0]?.status === "ok") endpoint.childValue = 2;
      const answer = await send(message);
      return message.type === "report" && answer.type === "idle" ? { type: "waiting", seq: 9 } : answer;
    };
    await engine.invoke(endpoint);
    expect(endpoint.of("report").flatMap(({ entries }) => entries)).toMatchObject([
      { status: "lost" },
      { status: "ok" },
    ]);
    expect(resultOf(endpoint.of("settle")[0]?.entry)).toEqual([1, 2]);
  });

  it("a waiting task is stopped when it has run too long, waiting included, and its children are aborted", async () => {
    const clock = new HeldClock();
    const engine = await aWarmEngine({ clock });
    const endpoint = new ChildEndpoint([aLease(parent, [[1]], { runTimeoutMs: 20_000 })]);
    const ended = engine.invoke(endpoint);
    await expect.poll(() => endpoint.of("park").length, { interval: 5 }).toBe(1);
    await clock.pass(20_000);
    // The session asks for other work until the task has ended.
    await clock.until(ended);
    expect(endpoint.of("settle")).toMatchObject([{ entry: { status: "timeout", error: { code: "RunTimeout" } } }]);
    expect(endpoint.aborted()).toEqual(endpoint.submitted().map((job) => ({ job, ranges: [[0, 1]] })));
    expect(endpoint.submitted()).toHaveLength(1);
  });

  it("a waiting task is stopped when it is aborted, and its children with it", async () => {
    const engine = await aWarmEngine();
    const endpoint = new ChildEndpoint([aLease(parent, [[1]])]);
    endpoint.aborting = [{ job: JOB, ranges: [[0, 1]] }];
    await engine.invoke(endpoint);
    expect(endpoint.of("settle")).toMatchObject([{ entry: { status: "aborted", error: { code: "TaskAborted" } } }]);
    expect(endpoint.aborted()).toHaveLength(1);
  });

  it("a waiting task may react to its AbortSignal within the grace period, and its outcome counts", async () => {
    const engine = await aWarmEngine();
    const listening = async () => {
      const { signal, view } = task();
      const stopped = new Promise<string>((resolve) => {
        signal.addEventListener("abort", () => {
          console.log("stopping");
          resolve("stopped");
        });
      });
      return Promise.race([stopped, view.apply(() => 1)]);
    };
    const endpoint = new ChildEndpoint([aLease(listening, [[]])]);
    endpoint.aborting = [{ job: JOB, ranges: [[0, 1]] }];
    await engine.invoke(endpoint);
    expect(endpoint.of("settle")).toMatchObject([{ entry: { status: "aborted", stdout: "stopping\n" } }]);
  });
});

describe("a task that submits and does not wait", () => {
  it("a task that submits and does not wait ends in its lease once the scheduler has accepted its submissions", async () => {
    const engine = await aWarmEngine();
    const submit = () => {
      task().view.apply(() => 1);
      return "done";
    };
    const endpoint = new ChildEndpoint([aLease(submit, [[]])]);
    await engine.invoke(endpoint);
    // On a busy machine the task may last longer than the first heartbeat waits.
    const types = endpoint.messages.map(({ type }) => type).filter((type) => type !== "heartbeat");
    expect(types).toEqual(["begin", "ask", "report"]);
    expect(resultOf(endpoint.entries().get(0))).toBe("done");
  });

  it("a task that submits and does not wait leaves nothing behind when it fails", async () => {
    const engine = await aWarmEngine();
    const fail = () => {
      task().view.apply(() => 1);
      throw new Error("no");
    };
    const endpoint = new ChildEndpoint([aLease(fail, [[]])]);
    await engine.invoke(endpoint);
    expect(endpoint.entries().get(0)).toMatchObject({ status: "error", error: { evalue: "no" } });
    expect(endpoint.aborted()).toEqual(endpoint.submitted().map((job) => ({ job, ranges: [[0, 1]] })));
  });

  it("a task's call throws if something cannot be shipped from an engine", async () => {
    const engine = await aWarmEngine();
    const refused = () => {
      const socket = new WeakRef({});
      try {
        task().view.apply(() => socket);
      } catch (error) {
        return String(error);
      }
      return "taken";
    };
    const endpoint = new ChildEndpoint([aLease(refused, [[]])]);
    await engine.invoke(endpoint);
    expect(resultOf(endpoint.entries().get(0))).toMatch(/socket/);
  });
});
