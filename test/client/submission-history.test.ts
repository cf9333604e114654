import { describe, expect, it } from "vitest";
import { hubHistory } from "../../client/history/hub-history.ts";
import { resultStatus, waitFor } from "../../client/results/named-tasks.ts";
import { UnknownTask } from "../../lambdas/protocol/errors.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;
const DAY_MS = 86_400_000;

describe("a client's history", () => {
  it("a client's history counts each task of a map once, and an empty map adds nothing", async () => {
    const { view, core } = aClient();
    const map = view.map(same, [1, 2, 3]);
    view.map(same, []);
    const applies = [view.apply(same, 4), view.apply(same, 5)];
    expect(core.history.ids()).toEqual([...map.taskIds, ...applies.map(({ jobId }) => jobId)]);
    await settle();
    expect(core.history.ids()).toHaveLength(5);
  });

  it("tasks are outstanding until the client learns of their end", async () => {
    const { view, core, cloud, clock } = aClient();
    const map = view.map(same, [0, 1, 2]);
    const apply = view.apply(same, 3);
    expect(core.history.outstandingIds()).toEqual([...map.taskIds, apply.jobId]);
    await settle();
    cloud.end(map.jobId, 1, 2);
    await clock.until(map.ready());
    expect(core.history.outstandingIds()).toEqual([map.taskIds[0], map.taskIds[2], apply.jobId]);
    cloud.end(map.jobId, 0, 1);
    cloud.end(map.jobId, 2, 3);
    await clock.until(map);
    expect(core.history.outstandingIds()).toEqual([apply.jobId]);
  });

  it("a refused job has no outstanding tasks", async () => {
    const { view, core, cloud } = aClient();
    cloud.answer = ({ type }) => (type === "submit" ? { type: "error", code: "Refused", message: "no" } : undefined);
    const result = view.map(same, [1]);
    await expect(result).rejects.toThrow("no");
    expect(core.history.outstandingIds()).toEqual([]);
    expect(core.history.ids()).toEqual(result.taskIds);
  });
});

describe("client.wait", () => {
  it("client.wait waits for everything that was submitted by default", async () => {
    const { view, core, cloud, clock } = aClient();
    const [one, two] = [view.map(same, [1]), view.map(same, [2])];
    await settle();
    const all = waitFor(core, undefined, {});
    cloud.end(one.jobId, 0, 1);
    expect(await clock.until(waitFor(core, undefined, { timeoutMs: 500 }))).toBe(false);
    cloud.end(two.jobId, 0, 1);
    expect(await clock.until(all)).toBe(true);
    expect(await waitFor(core, undefined, { timeoutMs: 0 })).toBe(true);
  });

  it("client.wait takes ids and results, polls once with timeout 0, has no limit with a negative one, and ends with its signal", async () => {
    const { view, core, cloud, clock } = aClient();
    const [map, apply] = [view.map(same, [1, 2]), view.apply(same, 3)];
    await settle();
    expect(await clock.until(waitFor(core, [map, apply.jobId], { timeoutMs: 0 }))).toBe(false);
    const ending = new AbortController();
    const ended = waitFor(core, map, { timeoutMs: -1, signal: ending.signal });
    const reason = ended.catch((error: unknown) => error);
    await clock.advance(60_000);
    ending.abort(new Error("enough"));
    expect(await reason).toEqual(new Error("enough"));
    cloud.end(map.jobId, 0, 2);
    const [job = "", index] = apply.jobId.split(".");
    cloud.end(job, Number(index), Number(index) + 1);
    expect(await clock.until(waitFor(core, [map, apply.jobId], {}))).toBe(true);
  });

  it("client.wait rejects for an unknown id", async () => {
    const { core, clock } = aClient();
    await expect(clock.until(waitFor(core, "01ARZ3NDEKTSV4RRFFQ69G5FAV.0", {}))).rejects.toThrow(UnknownTask);
  });
});

describe("resultStatus", () => {
  it("resultStatus sorts ids by whether they have an outcome, and names the failed ones, each once", async () => {
    const { view, core, cloud, clock } = aClient();
    const map = view.map(same, [0, 1, 2]);
    await settle();
    cloud.end(map.jobId, 0, 2, (index) => {
      if (index === 1) throw new Error("one");
      return index;
    });
    const [zero, one, two] = map.taskIds;
    expect(await clock.until(resultStatus(core, [map, map.jobId, ...map.taskIds]))).toEqual({
      pending: [two],
      completed: [zero, one],
      failed: [one],
    });
  });
});

describe("hubHistory", () => {
  it("hubHistory lists what any client submitted, by time of submission, over days, until now", async () => {
    const { view, cloud, clock } = aClient();
    const first = view.map(same, [1, 2]);
    await settle();
    await clock.advance(2 * DAY_MS);
    const other = aClient({ label: "census" }, { cloud, clock });
    const second = other.view.apply(same, 3);
    expect(await hubHistory(other.core, {})).toEqual([...first.taskIds, second.jobId]);
    expect(await hubHistory(other.core, { label: "census" })).toEqual([second.jobId]);
    expect(await hubHistory(other.core, { until: new Date(clock.now() - DAY_MS) })).toEqual(first.taskIds);
    expect(await hubHistory(other.core, { since: new Date(clock.now() - DAY_MS) })).toEqual([second.jobId]);
  });
});
