import { describe, expect, test } from "vitest";
import { InvalidFlag, InvalidId, NotFinished, UnknownTask } from "../../lambdas/protocol/errors.ts";
import { aClient, resubmitted } from "./a-client.ts";

const double = (x: number) => x * 2;
const range = (n: number) => Array.from({ length: n }, (_, index) => index);

/** Creates a client whose tasks run at once, with a completed map of `n` items. */
async function withMap(n: number, flags = {}) {
  const client = aClient(flags);
  client.cloud.behaviour = ([x]) => {
    if (x === 7) throw new RangeError("seven");
    return Number(x) * 2;
  };
  const map = client.view.map(double, range(n));
  await client.clock.until(map.wait());
  return { ...client, map };
}

describe("resubmit", () => {
  test("resubmit returns new ids at once, in the order of the given ids, each once", async () => {
    const { core, clock, map } = await withMap(5);
    const [a, b, c] = [3, 1, 3].map((at) => map.taskIds[at] ?? "");
    const again = resubmitted(core, [a ?? "", b ?? "", c ?? ""], {});
    const [job] = again.jobId.split(".");
    expect(again.taskIds).toEqual([`${job}.1`, `${job}.0`]);
    expect(job).not.toBe(map.jobId);
    expect(await clock.until(again)).toEqual([6, 2]);
    expect(again.length).toBe(2);
  });

  test("resubmitting one id gives a value, several ids a list, and a job id a result of the job's shape", async () => {
    const { core, clock, map } = await withMap(5);
    const [id = ""] = map.taskIds;
    expect(await clock.until(resubmitted(core, id, {}))).toBe(0);
    expect(await clock.until(resubmitted(core, [id], {}))).toEqual([0]);
    expect(await clock.until(resubmitted(core, map.jobId, {}))).toEqual([0, 2, 4, 6, 8]);
    expect(await clock.until(resubmitted(core, [], {}))).toEqual([]);
  });

  test("tasks of several jobs are resubmitted by one message, in the order of their ids", async () => {
    const { core, clock, cloud, view, map } = await withMap(3);
    const other = view.map(double, [10, 20]);
    const [a = "", b = "", c = ""] = [map.taskIds[2], other.taskIds[1], map.taskIds[0]];
    expect(await clock.until(resubmitted(core, [a, b, c], {}))).toEqual([4, 40, 0]);
    expect(cloud.sent("resubmit")).toHaveLength(1);
  });

  test("resubmitted chunks stay chunks, with flattened results", async () => {
    const { core, clock, map } = await withMap(7, { chunkSize: 3 });
    // Chunks of 3, 2 and 2 items.
    const [first = "", second = "", third = ""] = map.taskIds;
    expect(await clock.until(resubmitted(core, [third, first], {}))).toEqual([10, 12, 0, 2, 4]);
    expect(await clock.until(resubmitted(core, second, {}))).toEqual([6, 8]);
  });

  test("a resubmission keeps flags by default, replaces given ones, and removes flags given as undefined or as the default", async () => {
    const { core, clock, cloud, map } = await withMap(2, { retries: 2, timeoutMs: 500, label: "old" });
    await clock.until(resubmitted(core, map.jobId, { priority: 3, retries: 0, timeoutMs: undefined }));
    expect(cloud.sent("resubmit")[0]).toMatchObject({ flags: { priority: 3 }, without: ["retries", "timeoutMs"] });
    await clock.until(resubmitted(core, map.jobId, { label: "new" }));
    expect(cloud.sent("resubmit")[1]).toMatchObject({ flags: {}, label: "new", without: [] });
  });

  test("the dependencies of a resubmission can be replaced or removed, and downstream can be requested", async () => {
    const { core, clock, cloud, map } = await withMap(2);
    await clock.until(resubmitted(core, map.taskIds, { after: map, follow: undefined, downstream: true }));
    const [message] = cloud.sent("resubmit");
    const on = [[map.jobId, 0, 2]];
    expect(message?.waits).toEqual({ after: [{ on, all: true, success: true, failure: false }] });
    expect(message).toMatchObject({ without: ["follow"], downstream: true });
  });

  test("a resubmission can be resubmitted before it was awaited", async () => {
    const { core, clock, cloud, map } = await withMap(2);
    const once = resubmitted(core, map.taskIds, {});
    const twice = resubmitted(core, once.taskIds, {});
    expect(await clock.until(twice)).toEqual([0, 2]);
    expect(cloud.sent("resubmit").map(({ jobs }) => jobs[0]?.from)).toEqual([map.jobId, once.jobId]);
  });
});

test("submissions and resubmissions are sent in the order of the calls", async () => {
  const { core, clock, cloud, view } = aClient();
  cloud.behaviour = () => 1;
  const first = view.apply(double, 1);
  const again = resubmitted(core, first.jobId, {});
  const last = view.apply(double, 2);
  await clock.until(Promise.all([first, again, last]));
  expect(cloud.log.filter((type) => type !== "tick")).toEqual(["submit", "resubmit", "submit"]);
});

test("an abort of a task that was just resubmitted is sent after the resubmission", async () => {
  const { core, clock, cloud, map } = await withMap(2);
  cloud.behaviour = undefined;
  const again = resubmitted(core, map.taskIds, {});
  await clock.until(again.abort());
  expect(cloud.log.slice(-2)).toEqual(["resubmit", "abort"]);
  expect(cloud.sent("abort")[0]?.jobs).toEqual([{ job: again.jobId, ranges: [[0, 2]] }]);
});

test("a refused resubmission rejects its own result with a typed error, and nothing else", async () => {
  const { core, clock, cloud, map } = await withMap(2);
  const [id = ""] = map.taskIds;
  cloud.answer = ({ type }) =>
    type === "resubmit" ? { type: "error", code: "NotFinished", message: "not yet", taskId: id } : undefined;
  const again = resubmitted(core, id, {});
  await expect(clock.until(again)).rejects.toThrow(NotFinished);
  await expect(again).rejects.toMatchObject({ taskId: id });
  cloud.answer = ({ type }) => (type === "resubmit" ? { type: "error", code: "UnknownTask", message: "?" } : undefined);
  await expect(clock.until(resubmitted(core, id, {}))).rejects.toThrow(UnknownTask);
});

test("resubmit throws for invalid ids, and for flags that cannot be changed", async () => {
  const { core, cloud, map } = await withMap(1);
  expect(() => resubmitted(core, "nonsense", {})).toThrow(InvalidId);
  expect(() => resubmitted(core, map.taskIds, { chunkSize: 2 } as object)).toThrow(InvalidFlag);
  expect(() => resubmitted(core, map.taskIds, { retries: -1 })).toThrow(InvalidFlag);
  expect(cloud.sent("resubmit")).toEqual([]);
});
