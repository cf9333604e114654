import { describe, expect, it } from "vitest";
import { waitFor } from "../../client/results/named-tasks.ts";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { isJobId } from "../../lambdas/protocol/task-id.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const double = (x: number) => 2 * x;
const DAY_MS = 86_400_000;

function keyed() {
  const here = aClient({ idempotencyKey: "census 2026" });
  here.cloud.behaviour = ([x]) => 2 * Number(x);
  return here;
}

describe("idempotencyKey", () => {
  it("an idempotency key determines the job id", () => {
    const { view } = keyed();
    const { jobId } = view.map(double, [1, 2]);
    expect(isJobId(jobId)).toBe(true);
    expect(view.map(double, [1, 2]).jobId).toBe(jobId);
    expect(view.withFlags({ idempotencyKey: "census 2027" }).map(double, [1, 2]).jobId).not.toBe(jobId);
    expect(keyed().view.map(double, [1]).jobId).toBe(jobId);
  });

  it("a client that submits the key again gets the first result, and sends nothing", async () => {
    const { view, cloud, clock, core } = keyed();
    const first = view.map(double, [1, 2]);
    await settle();
    expect(await clock.until(view.map(double, [7, 8, 9]))).toEqual([2, 4]);
    expect(await clock.until(first)).toEqual([2, 4]);
    expect(cloud.sent("submit")).toHaveLength(1);
    expect(core.history.ids()).toEqual(first.taskIds);
  });

  it("another client that submits the key later, with other arguments, gets the first result and changes nothing", async () => {
    const { view, cloud, clock } = keyed();
    const first = await clock.until(view.map(double, [1, 2]));
    await clock.advance(3 * DAY_MS);
    const { view: there, core } = aClient({ idempotencyKey: "census 2026" }, { cloud, clock });
    const second = there.map(double, [7, 8, 9]);
    expect(second.length).toBe(3);
    expect(await clock.until(second)).toEqual(first);
    expect(await second.info()).toMatchObject({ length: 2, tasks: 2 });
    expect(core.history.ids()).toEqual(second.taskIds);
    expect(second.taskIds).toHaveLength(2);
    expect(await clock.until(waitFor(core, undefined, {}))).toBe(true);
    expect(core.history.outstandingIds()).toEqual([]);
  });

  it("each apply with a key is a job of its own", async () => {
    const { view, cloud, clock } = keyed();
    const plain = view.withFlags({ idempotencyKey: undefined });
    const results = [plain.apply(double, 1), view.apply(double, 2), plain.apply(double, 3)];
    expect(await clock.until(Promise.all(results))).toEqual([2, 4, 6]);
    const jobs = results.map(({ jobId }) => jobId.split(".")[0]);
    expect(new Set(jobs).size).toBe(3);
    const { view: there } = aClient({ idempotencyKey: "census 2026" }, { cloud, clock });
    expect(await clock.until(there.apply(double, 50))).toBe(4);
  });

  it("an imap numbers its items under its key", async () => {
    const { view, cloud, clock } = keyed();
    const items = async (input: number[]) => {
      const got: number[] = [];
      for await (const item of view.imap(double, input)) got.push(item);
      return got;
    };
    expect(await clock.until(items([1, 2, 3]))).toEqual([2, 4, 6]);
    expect(await clock.until(items([7, 8, 9, 10]))).toEqual([2, 4, 6, 20]);
    expect(cloud.headers.size).toBe(4);
  });

  it("a key can be used again if the scheduler refused its submission", async () => {
    const { view, cloud, clock } = keyed();
    cloud.answer = ({ type }) => (type === "submit" ? { type: "error", code: "Refused", message: "no" } : undefined);
    await expect(clock.until(view.map(double, [1]))).rejects.toThrow("no");
    cloud.answer = () => undefined;
    expect(await clock.until(view.map(double, [1]))).toEqual([2]);
  });

  it.each(["", 5, "x".repeat(201)])("%j is refused as a key", (key) => {
    expect(() => aClient({ idempotencyKey: key as string })).toThrow(InvalidFlag);
  });
});
