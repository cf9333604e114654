import { describe, expect, it } from "vitest";
import type { ReadPage } from "../../client/cluster/cloud-port.ts";
import { aClient } from "./a-client.ts";
import { ScriptedCloud } from "./scripted-cloud.ts";
import { settle } from "./virtual-clock.ts";

/** A cloud whose polls wait until a test wakes them, as those of a task's view wait for its engine. */
class WaitingCloud extends ScriptedCloud {
  readonly canWait = true;
  #sleeping: (() => void)[] = [];

  get waiting(): number {
    return this.#sleeping.length;
  }

  override async outcomePages(
    job: string,
    bucket: number,
    first: number,
    past: number,
    waits = false,
  ): Promise<ReadPage[]> {
    if (waits) await new Promise<void>((resolve) => this.#sleeping.push(resolve));
    return super.outcomePages(job, bucket, first, past);
  }

  wake(): void {
    for (const resolve of this.#sleeping.splice(0)) resolve();
  }
}

function aWaitingClient() {
  const cloud = new WaitingCloud();
  return { ...aClient({}, { cloud }), cloud };
}

const same = (x: number) => x;

describe("a cloud whose polls can wait", () => {
  it("each job has one waiting poll at a time, and the next one follows at once", async () => {
    const { view, cloud, clock } = aWaitingClient();
    const result = view.apply(same, 1);
    const value = Promise.resolve(result);
    await clock.advance(60_000);
    expect([cloud.waiting, cloud.queries.length]).toEqual([1, 0]);
    cloud.wake();
    await clock.advance(1);
    expect([cloud.waiting, cloud.queries.length]).toEqual([1, 1]);
    const [{ job } = { job: "" }] = cloud.queries;
    cloud.end(job, 0, 1, () => "done");
    cloud.wake();
    expect(await clock.until(value)).toBe("done");
  });

  it("polls that wait do not keep those of other jobs from starting", async () => {
    const { view, cloud, clock } = aWaitingClient();
    for (let job = 0; job < 40; job++) {
      Promise.resolve(view.apply(same, job)).catch(() => {});
      await settle();
    }
    await clock.advance(1000);
    expect(cloud.waiting).toBe(40);
  });

  it("an explicit poll is answered at once", async () => {
    const { view, cloud, clock } = aWaitingClient();
    const result = view.apply(same, 1);
    await clock.advance(100);
    expect(await clock.until(result.ready())).toBe(false);
    for (const [job] of cloud.headers) cloud.end(job, 0, 1);
    expect(await clock.until(result.ready())).toBe(true);
    expect(cloud.waiting).toBe(0);
  });

  it("a job of several buckets is polled without waiting, because news of one bucket must not wait for the others", async () => {
    const { view, cloud, clock } = aWaitingClient();
    const result = view.map(
      same,
      Array.from({ length: 3001 }, (_, at) => at),
    );
    Promise.resolve(result).catch(() => {});
    await clock.advance(1000);
    expect(cloud.waiting).toBe(0);
    expect(cloud.rowReads).toBeGreaterThan(1);
    expect(cloud.rowReads).toBeLessThan(100);
  });
});
