import { describe, expect, it } from "vitest";
import { dbQuery } from "../../client/history/db-query.ts";
import { purgeResults } from "../../client/history/purge-results.ts";
import { getResult } from "../../client/results/get-result.ts";
import { NotFinished, UnknownTask } from "../../lambdas/protocol/errors.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;

describe("purgeResults", () => {
  it("purgeResults rejects for an unfinished task by its id, and sends nothing", async () => {
    const { view, core, cloud, clock } = aClient();
    const map = view.map(same, [0, 1]);
    await settle();
    cloud.end(map.jobId, 0, 1);
    const error = await clock.until(purgeResults(core, map).catch((reason: unknown) => reason));
    expect(error).toBeInstanceOf(NotFinished);
    expect(error).toMatchObject({ taskId: map.taskIds[1] });
    expect(cloud.sent("purge")).toEqual([]);
  });

  it("purgeResults deletes some tasks of a map, then the whole map", async () => {
    const { view, core, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => x;
    const map = view.map(same, [0, 1, 2]);
    const [zero = "", one = "", two = ""] = map.taskIds;
    await clock.until(map);
    await clock.until(purgeResults(core, [one]));
    expect(cloud.sent("purge")[0]?.jobs).toEqual([{ job: map.jobId, ranges: [[1, 2]] }]);
    await expect(clock.until(getResult(core, one))).rejects.toThrow(UnknownTask);
    await expect(clock.until(getResult(core, map.jobId))).rejects.toThrow(UnknownTask);
    expect(await clock.until(getResult(core, [zero, two]))).toEqual([0, 2]);
    expect(await dbQuery(core, {}, { keys: ["taskId"] })).toEqual([{ taskId: zero }, { taskId: two }]);
  });

  it("another process learns from the job's row which tasks were purged, or that the job was", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => x;
    const [some, all] = [view.map(same, [0, 1]), view.map(same, [5])];
    await settle();
    const row = (job: string) => cloud.rows.get(`job#${job}/job`);
    Object.assign(row(some.jobId) ?? {}, { purged: ["0-1"] });
    Object.assign(row(all.jobId) ?? {}, { state: "purged" });
    const there = aClient({}, { cloud, clock });
    await expect(clock.until(getResult(there.core, some.taskIds[0] ?? ""))).rejects.toThrow(UnknownTask);
    expect(await clock.until(getResult(there.core, some.taskIds[1] ?? ""))).toBe(1);
    await expect(clock.until(getResult(there.core, all.jobId))).rejects.toThrow(UnknownTask);
  });

  it("purgeResults deletes everything that has finished, of any client, and leaves the rest", async () => {
    const { view, cloud, clock } = aClient();
    const [done, half] = [view.map(same, [0, 1]), view.map(same, [0, 1])];
    await settle();
    cloud.end(done.jobId, 0, 2);
    cloud.end(half.jobId, 1, 2);
    const there = aClient({}, { cloud, clock });
    await clock.until(purgeResults(there.core, "all"));
    expect(cloud.sent("purge").flatMap(({ jobs }) => jobs)).toEqual([
      { job: done.jobId, ranges: [[0, 2]] },
      { job: half.jobId, ranges: [[1, 2]] },
    ]);
  });
});
