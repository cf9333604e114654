import { describe, expect, it } from "vitest";
import { getResult, tasksNamed } from "../../client/results/get-result.ts";
import { CompositeError } from "../../lambdas/protocol/composite-error.ts";
import { InvalidId, NotReady, UnknownTask } from "../../lambdas/protocol/errors.ts";
import { aClient, type TestClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const double = (x: number) => 2 * x;

/** Creates a client that submits, and one of another process that only knows the ids. */
function twoClients(): { here: TestClient; there: TestClient } {
  const here = aClient();
  here.cloud.behaviour = ([x]) => {
    if (x === 13) throw new Error("unlucky");
    return 2 * Number(x);
  };
  return { here, there: aClient({}, { cloud: here.cloud, clock: here.clock }) };
}

describe("getResult in another process", () => {
  it("the result by a job id is the map's list, and its info() has label and length", async () => {
    const { here, there } = twoClients();
    const { jobId } = here.view.withFlags({ label: "census" }).map(double, [1, 2, 3]);
    await settle();
    const result = getResult(there.core, jobId);
    for (const ask of [() => result.jobId, () => result.taskIds, () => result.length]) expect(ask).toThrow(NotReady);
    expect(await result.info()).toMatchObject({ jobId, label: "census", length: 3, tasks: 3 });
    expect([result.jobId, result.length, result.taskIds.length]).toEqual([jobId, 3, 3]);
    expect(await here.clock.until(result)).toEqual([2, 4, 6]);
  });

  it("an apply's value is found by its id, which is both task and job id", async () => {
    const { here, there } = twoClients();
    const { jobId } = here.view.apply(double, 4);
    await settle();
    const result = getResult(there.core, jobId);
    expect([result.jobId, result.taskIds, result.length]).toEqual([jobId, [jobId], 1]);
    expect(await here.clock.until(result)).toBe(8);
  });

  it("getResult rejects with the same error as the original result", async () => {
    const { here, there } = twoClients();
    const [map, apply] = [here.view.map(double, [1, 13]), here.view.apply(double, 13)];
    await settle();
    await expect(here.clock.until(getResult(there.core, map.jobId))).rejects.toThrow(CompositeError);
    await expect(here.clock.until(getResult(there.core, apply.jobId))).rejects.toThrow(/^Error: unlucky/);
  });

  it("the result by a map's task id is one value, or a chunk's list", async () => {
    const { here, there } = twoClients();
    const plain = here.view.map(double, [1, 2, 3]);
    const chunked = here.view.withFlags({ chunkSize: 2 }).map(double, [1, 2, 3]);
    await settle();
    expect(await here.clock.until(getResult(there.core, `${plain.jobId}.1`))).toBe(4);
    expect(await here.clock.until(getResult(there.core, `${chunked.jobId}.0`))).toEqual([2, 4]);
  });

  it("the result by several ids is a list, with chunks flattened, in the requested order", async () => {
    const { here, there } = twoClients();
    const chunked = here.view.withFlags({ chunkSize: 2 }).map(double, [1, 2, 3, 4]);
    const apply = here.view.apply(double, 50);
    await settle();
    const result = getResult(there.core, [`${chunked.jobId}.1`, apply.jobId, `${chunked.jobId}.0`]);
    expect(result.taskIds).toEqual([`${chunked.jobId}.1`, apply.jobId, `${chunked.jobId}.0`]);
    expect(await here.clock.until(result)).toEqual([6, 8, 100, 2, 4]);
    expect(result.length).toBe(5);
  });

  it("a job can be retrieved while it runs", async () => {
    const { here, there } = twoClients();
    here.cloud.behaviour = undefined;
    const { jobId } = here.view.map(double, [1, 2]);
    await settle();
    const waiting = Promise.resolve(getResult(there.core, jobId));
    here.cloud.end(jobId, 0, 1);
    await here.clock.advance(500);
    here.cloud.end(jobId, 1, 2);
    expect(await here.clock.until(waiting)).toEqual([0, 1]);
  });

  it("getResult waits briefly for a job that is not visible yet", async () => {
    const { here, there } = twoClients();
    const { jobId } = here.view.map(double, [1]);
    const waiting = Promise.resolve(getResult(there.core, jobId));
    expect(await here.clock.until(waiting)).toEqual([2]);
  });

  it("the result by an id that was never submitted rejects with UnknownTask", async () => {
    const { here, there } = twoClients();
    const { jobId } = here.view.map(double, [1]);
    await settle();
    const strange = "01HZZZZZZZZZZZZZZZZZZZZZZZ";
    for (const id of [strange, `${strange}.0`, `${jobId}.1`]) {
      await expect(here.clock.until(getResult(there.core, id)), id).rejects.toThrow(UnknownTask);
    }
  });

  it.each(["", "nonsense", "01HZZZZZZZZZZZZZZZZZZZZZZZ.", "01HZZZZZZZZZZZZZZZZZZZZZZZ.01", "x.0"])(
    "getResult(%j) throws InvalidId",
    (id) => {
      const { core } = aClient();
      expect(() => getResult(core, id)).toThrow(InvalidId);
      expect(() => getResult(core, [id])).toThrow(InvalidId);
    },
  );
});

describe("getResult in the submitting process", () => {
  it("getResult works before the submission was sent, without reading the table", async () => {
    const { here } = twoClients();
    const [map, apply] = [here.view.map(double, [1]), here.view.apply(double, 2)];
    const again = [getResult(here.core, map.jobId), getResult(here.core, apply.jobId)];
    expect(again[0]?.length).toBe(1);
    expect(await here.clock.until(Promise.all(again))).toEqual([[2], 4]);
    expect(here.cloud.rowReads).toBe(0);
  });

  it("abort accepts ids of tasks and of jobs", async () => {
    const { here, there } = twoClients();
    here.cloud.behaviour = undefined;
    const [map, apply] = [here.view.map(double, [1, 2, 3]), here.view.apply(double, 2)];
    await settle();
    const parts = await tasksNamed(there.core, [map.jobId, apply.jobId]);
    await there.core.aborter.abort(parts);
    expect(here.cloud.sent("abort")[0]?.jobs).toEqual([
      { job: map.jobId, ranges: [[0, 3]] },
      { job: apply.jobId.slice(0, 26), ranges: [[0, 1]] },
    ]);
  });
});
