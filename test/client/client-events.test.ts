import { describe, expect, it } from "vitest";
import type { ClientEvents } from "../../client/client-events.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;

describe("task events", () => {
  it("each finished task is reported once, when its outcome arrives, even if nobody awaits it", async () => {
    const { view, core, cloud, clock } = aClient();
    const before = view.map(same, [0, 1]);
    const events: ClientEvents["task"][] = [];
    core.events.on("task", (event) => events.push(event));
    const after = view.apply(same, 2);
    await settle();
    cloud.end(before.jobId, 1, 2, () => {
      throw new Error("one");
    });
    const [job = "", index] = after.jobId.split(".");
    cloud.end(job, Number(index), Number(index) + 1);
    await clock.advance(3000);
    expect(events).toHaveLength(2);
    expect(events).toContainEqual({ taskId: before.taskIds[1], status: "error", engineId: 0 });
    expect(events).toContainEqual({ taskId: after.jobId, status: "ok", engineId: 0 });
    cloud.end(before.jobId, 0, 1);
    await clock.until(before.wait());
    expect(events.map(({ taskId }) => taskId)).toContain(before.taskIds[0]);
    expect(events).toHaveLength(3);
  });

  it("after the last listener is removed, events end and the client polls nothing", async () => {
    const { view, core, cloud, clock } = aClient();
    const events: ClientEvents["task"][] = [];
    const stop = core.events.on("task", (event) => events.push(event));
    const map = view.map(same, [0]);
    await clock.advance(1000);
    stop();
    await clock.advance(1000);
    const queries = cloud.queries.length;
    expect(queries).toBeGreaterThan(0);
    await clock.advance(10_000);
    expect(cloud.queries).toHaveLength(queries);
    cloud.end(map.jobId, 0, 1);
    await clock.until(map.wait());
    expect(events).toEqual([]);
  });
});

describe("engine and queue events", () => {
  it("changes between two polls are reported, and nothing is polled without listeners", async () => {
    const { core, cloud, clock } = aClient();
    const loads = [0, 0];
    cloud.answer = ({ type }) => {
      if (type !== "status") return undefined;
      const engines = loads.map((load, id) => {
        return { id, pool: "default", load, assigned: 0, live: load > 0, state: "open" as const };
      });
      const ids: [number, number][] = [[0, loads.length]];
      const pools = [{ name: "default", count: loads.length, memoryMb: 1769, timeoutSeconds: 900, ids }];
      return {
        type: "status",
        status: { engines, hints: 0, scheme: "lru", hwm: 1, code: { shipping: true, functions: [] }, pools },
      };
    };
    const events: unknown[] = [];
    await clock.advance(5000);
    expect(cloud.sent("status")).toEqual([]);
    const stops = [
      core.events.on("engine", (event) => events.push(event)),
      core.events.on("queue", (event) => events.push(event)),
    ];
    await clock.advance(2500);
    expect(events).toEqual([]);
    loads.push(3);
    await clock.advance(1000);
    expect(events.splice(0)).toEqual([
      { engineId: 2, pool: "default", change: "joined" },
      { loads: { 0: 0, 1: 0, 2: 3 } },
    ]);
    expect(core.cluster.engineCount).toBe(3);
    loads.pop();
    await clock.advance(1000);
    expect(events).toContainEqual({ engineId: 2, pool: "default", change: "left" });
    for (const stop of stops) stop();
    const looks = cloud.sent("status").length;
    await clock.advance(5000);
    expect(cloud.sent("status")).toHaveLength(looks);
  });
});
