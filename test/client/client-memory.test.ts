import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;
const TASKS = 1500;

describe("the memory of a client", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  const heap = () => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };

  /** Submits applies, and resolves once they were accepted. */
  async function manyApplies() {
    const client = aClient();
    const results = Array.from({ length: TASKS }, (_, x) => client.view.apply(same, x));
    await settle();
    return { ...client, results };
  }

  it("an apply's result takes less than 250 bytes, and 650 more while it is awaited", async () => {
    const { results, cloud, clock } = await manyApplies();
    const held = heap();
    const awaited = results.map((result) => result.get());
    expect((heap() - held) / TASKS).toBeLessThan(650);
    cloud.end(cloud.lastJob, 0, 500);
    expect(await clock.until(Promise.all(awaited.slice(0, 500)))).toEqual(Array.from({ length: 500 }, (_, x) => x));
    awaited.length = 0;
    const before = heap();
    results.splice(500);
    expect((before - heap()) / (TASKS - 500)).toBeLessThan(250);
  });

  it("a job of one task takes less than 10 kB", async () => {
    const { view, core } = aClient();
    const before = heap();
    const jobs = Array.from({ length: 300 }, (_, x) => view.withFlags({ label: `job ${x}` }).apply(same, x));
    await settle();
    expect(core.history.ids()).toHaveLength(300);
    expect((heap() - before) / jobs.length).toBeLessThan(10_000);
  });
});
