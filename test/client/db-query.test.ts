import { describe, expect, it } from "vitest";
import { dbQuery, type TaskQuery } from "../../client/history/db-query.ts";
import { InvalidQuery } from "../../lambdas/protocol/errors.ts";
import { RemoteError } from "../../lambdas/protocol/remote-error.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;
const DAY_MS = 86_400_000;

/** Creates two maps of one client, the older two days old, and a second client that queries. */
async function twoJobs() {
  const { view, cloud, clock } = aClient({ label: "old" });
  cloud.behaviour = ([x]) => {
    if (x === 13) throw new RangeError("unlucky");
    return x;
  };
  const old = view.map(same, [1, 13]);
  await settle();
  await clock.advance(2 * DAY_MS);
  const young = view.withFlags({ label: "young" }).map(same, [5, 6, 7]);
  await settle();
  const there = aClient({}, { cloud, clock });
  return { old, young, ...there };
}

describe("dbQuery", () => {
  it("a query finds any client's tasks by label, with the keys of metadata()", async () => {
    const { old, core } = await twoJobs();
    const records = await dbQuery(core, { label: "old" }, {});
    expect(records.map(({ taskId, status, index, jobId }) => [taskId, status, index, jobId])).toEqual([
      [old.taskIds[0], "ok", 0, old.jobId],
      [old.taskIds[1], "error", 1, old.jobId],
    ]);
    expect(records[1]?.error).toBeInstanceOf(RemoteError);
    const [metadata] = await old.metadata();
    expect(Object.keys(records[0] ?? {}).sort()).toEqual(Object.keys(metadata ?? {}).sort());
  });

  it("a query without a time covers the last day", async () => {
    const { old, young, core } = await twoJobs();
    const ids = async (query: TaskQuery) => (await dbQuery(core, query, { keys: ["taskId"] })).map((one) => one.taskId);
    expect(await ids({})).toEqual(young.taskIds);
    expect(await ids({ status: "error" })).toEqual([]);
    expect(await ids({ submitted: { $gt: 0 } })).toEqual([...old.taskIds, ...young.taskIds]);
    expect(await ids({ submitted: { $gt: new Date(0) }, status: "error" })).toEqual([old.taskIds[1]]);
  });

  it("outcomes are read only for jobs whose header matches, and only if requested", async () => {
    const { young, core, cloud } = await twoJobs();
    cloud.queries.length = 0;
    await dbQuery(core, { submitted: { $gt: 0 } }, { keys: ["taskId", "label", "submitted"] });
    expect(cloud.queries).toEqual([]);
    await dbQuery(core, { submitted: { $gt: 0 }, label: { $glob: "y*" }, status: "ok" }, {});
    expect(cloud.queries.map(({ job }) => job)).toEqual([young.jobId]);
  });

  it("a query finds tasks by id on any day, and nothing for unknown ids", async () => {
    const { old, young, core } = await twoJobs();
    const by = async (query: TaskQuery) => (await dbQuery(core, query, {})).map(({ taskId }) => taskId);
    expect(await by({ taskId: old.taskIds[1] })).toEqual([old.taskIds[1]]);
    expect(await by({ taskId: { $in: [young.taskIds[2] ?? "", old.taskIds[0] ?? ""] } })).toEqual([
      old.taskIds[0],
      young.taskIds[2],
    ]);
    expect(await by({ jobId: young.jobId, index: { $gte: 1 } })).toEqual(young.taskIds.slice(1));
    expect(await by({ taskId: "01ARZ3NDEKTSV4RRFFQ69G5FAV.0" })).toEqual([]);
    expect(await by({ taskId: `${old.jobId}.7` })).toEqual([]);
  });

  it("a query returns at most limit records, the earliest first", async () => {
    const { old, young, core } = await twoJobs();
    const records = await dbQuery(core, { submitted: { $gt: 0 } }, { limit: 3, keys: ["taskId"] });
    expect(records.map(({ taskId }) => taskId)).toEqual([...old.taskIds, young.taskIds[0]]);
  });

  it("fields that an unfinished task lacks equal null", async () => {
    const { view, core, cloud, clock } = aClient();
    const map = view.map(same, [0, 1]);
    await settle();
    cloud.end(map.jobId, 0, 1);
    const late = { $lt: new Date(clock.now() + 1000) };
    expect(await dbQuery(core, { completed: late }, { keys: ["taskId"] })).toEqual([{ taskId: map.taskIds[0] }]);
    expect(await dbQuery(core, { completed: null }, { keys: ["taskId"] })).toEqual([{ taskId: map.taskIds[1] }]);
    expect(await dbQuery(core, { status: "pending" }, { keys: ["index"] })).toEqual([
      { taskId: map.taskIds[1], index: 1 },
    ]);
  });

  it.each<[string, TaskQuery, object, string]>([
    ["an unknown key", { msg_id: "x" } as TaskQuery, {}, "msg_id"],
    ["an unknown operator", { label: { $le: "x" } }, {}, "$le"],
    ["an unknown key to give", {}, { keys: ["buffers"] }, "buffers"],
    ["a time without a beginning", { submitted: { $lt: new Date() } }, {}, "submitted"],
    ["a limit of nothing", {}, { limit: 0 }, "limit"],
  ])("refuses %s, and names it", async (_, query, options, named) => {
    const { core } = aClient();
    const asked = dbQuery(core, query, options);
    await expect(asked).rejects.toThrow(InvalidQuery);
    await expect(asked).rejects.toThrow(named);
  });
});
