import { describe, expect, it } from "vitest";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import { RemoteError } from "../../lambdas/protocol/remote-error.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;
const outcomeOf = (promise: PromiseLike<unknown>) =>
  Promise.resolve(promise).then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );

describe("the value of one task", () => {
  it("each of several waits gets the value, although the signal of one of them is aborted", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.apply(same, 7);
    const stop = new AbortController();
    const [one, left, other] = [result, result.get({ signal: stop.signal }), result.get()].map(outcomeOf);
    await settle();
    stop.abort(new Error("enough"));
    expect(await left).toEqual({ error: new Error("enough") });
    cloud.end(cloud.lastJob, 0, 1, () => 49);
    expect(await clock.until(Promise.all([one, other]))).toEqual([{ value: 49 }, { value: 49 }]);
  });

  it("nothing is polled once all waits were ended by their signals", async () => {
    const { view, cloud, clock } = aClient();
    const stop = new AbortController();
    const waits = [1, 2].map((x) => outcomeOf(view.apply(same, x).get({ signal: stop.signal })));
    await settle();
    await clock.advance(50);
    stop.abort();
    expect((await Promise.all(waits)).every((outcome) => "error" in outcome)).toBe(true);
    const before = cloud.queries.length;
    await clock.advance(5_000);
    expect(cloud.queries).toHaveLength(before);
  });

  it("a signal ends the wait for a value that is being fetched", async () => {
    const { view, cloud, clock } = aClient();
    const stop = new AbortController();
    const result = view.apply(same, 1);
    await settle();
    let fetched = () => {};
    cloud.getBlob = () => new Promise((_, reject) => (fetched = () => reject(new Error("too late"))));
    cloud.end(cloud.lastJob, 0, 1, () => "x".repeat(100_000));
    await clock.until(result.wait());
    const wait = outcomeOf(result.get({ signal: stop.signal }));
    await settle();
    stop.abort(new Error("enough"));
    expect(await wait).toEqual({ error: new Error("enough") });
    fetched();
    await settle();
  });

  it("an error is the value with `returnExceptions`, of the view or of the call", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = () => {
      throw new RangeError("no");
    };
    const result = view.apply(same, 1);
    expect(await clock.until(result.get({ returnExceptions: true }))).toBeInstanceOf(RemoteError);
    expect(await clock.until(outcomeOf(result))).toMatchObject({ error: { ename: "RangeError" } });
    const of = view.withFlags({ returnExceptions: true }).apply(same, 2);
    expect(await clock.until(of)).toBeInstanceOf(RemoteError);
    expect(await clock.until(outcomeOf(of.get({ returnExceptions: false })))).toHaveProperty("error");
  });

  it("a wait that begins after the client was closed is refused", async () => {
    const { view, core, clock } = aClient();
    const result = view.apply(same, 1);
    await clock.until(core.close());
    expect(await clock.until(outcomeOf(result))).toEqual({ error: expect.any(ClusterError) });
  });
});
