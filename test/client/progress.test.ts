import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AsyncResult } from "../../client/results/async-result.ts";
import { ProgressRate } from "../../client/results/progress-rate.ts";
import { task } from "../../client/task.ts";
import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import type { Entry } from "../../lambdas/protocol/outcome-page.ts";
import { noUsage, packUsage } from "../../lambdas/protocol/usage.ts";
import { aClient } from "./a-client.ts";
import type { ScriptedCloud } from "./scripted-cloud.ts";
import { settle } from "./virtual-clock.ts";

/** Creates a stream that records its input. */
function anOutput(isTTY: boolean): { output: PassThrough & { isTTY: boolean }; text: () => string } {
  const chunks: string[] = [];
  const output = Object.assign(new PassThrough(), { isTTY });
  output.on("data", (chunk) => chunks.push(String(chunk)));
  return { output, text: () => chunks.join("") };
}

beforeEach(() => {
  vi.stubEnv("CI", "");
  vi.stubEnv("NO_PROGRESS", "");
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe("waitInteractive", () => {
  it("waitInteractive writes plain lines without a terminal", async () => {
    const { view, cloud, clock } = aClient();
    const { output, text } = anOutput(false);
    const result = view.map((x: number) => x, [0, 1, 2, 3]);
    const waiting = result.waitInteractive({ output });
    await settle();
    cloud.end(result.jobId, 0, 3);
    await clock.advance(6000);
    const line = "3/4 (75%) after 5.0 s, 36/min, about 1.7 s left\n";
    expect(text()).toBe(line);
    cloud.end(result.jobId, 3, 4);
    expect(await clock.until(waiting)).toBe(true);
    expect(text().slice(line.length)).toMatch(/^4\/4 \(100%\) after 6\.\d s, \d+\/min\n$/);
    expect(clock.pending).toBe(0);
  });

  it("waitInteractive draws a bar on a terminal", async () => {
    const { view, cloud, clock } = aClient();
    const { output, text } = anOutput(true);
    const result = view.map((x: number) => x, [0, 1]);
    const waiting = result.waitInteractive({ output });
    await settle();
    cloud.end(result.jobId, 0, 2);
    expect(await clock.until(waiting)).toBe(true);
    await settle();
    expect(text()).toContain("2/2");
    expect(text()).toContain("100%");
  });

  it("a bar shows the rate, the time left, and what went wrong", async () => {
    const { view, cloud, clock } = aClient();
    const { output, text } = anOutput(true);
    const result = view.map((x: number) => x, [0, 1, 2, 3, 4]);
    const waiting = result.waitInteractive({ output, timeoutMs: 10_000 });
    await clock.advance(2000);
    cloud.write(result.jobId, [failedOnce(4, cloud)], {}, "first");
    cloud.end(result.jobId, 0, 4, failFor(1));
    await clock.advance(8000);
    expect(await clock.until(waiting)).toBe(false);
    // The package draws at most ten times a second of real time, and at the end.
    expect(text()).toMatch(/ 80% \| 4\/5 \| \ds \| 24\/min \| about 2\.5 s left \| 1 failed \| 1 retry[^|]*$/);
  });

  it("lines become rarer in a long job", async () => {
    const { view, cloud, clock } = aClient();
    const { output, text } = anOutput(false);
    const result = view.map(
      (x: number) => x,
      Array.from({ length: 250 }, (_, x) => x),
    );
    const waiting = result.waitInteractive({ output });
    await settle();
    for (let task = 0; task < 250; task++) {
      await clock.advance(4000);
      cloud.end(result.jobId, task, task + 1);
    }
    await clock.until(waiting);
    const lines = text().trimEnd().split("\n");
    expect(lines[25]).toMatch(/^\d+\/250 \(\d+%\) after \d min \d+ s, 15\/min, about 1\d min \d+ s left$/);
    expect(lines.length).toBeGreaterThan(30);
    expect(lines.length).toBeLessThan(50);
  });

  it.each([true, false])("with NO_PROGRESS nothing is shown, on a terminal: %s", async (isTTY) => {
    vi.stubEnv("NO_PROGRESS", "1");
    const { view, cloud, clock } = aClient();
    const { output, text } = anOutput(isTTY);
    const result = view.map((x: number) => x, [0]);
    const waiting = result.waitInteractive({ output });
    await clock.advance(20_000);
    cloud.end(result.jobId, 0, 1);
    expect(await clock.until(waiting)).toBe(true);
    expect(text()).toBe("");
  });

  it("in CI a terminal gets lines", async () => {
    vi.stubEnv("CI", "true");
    const { view, cloud, clock } = aClient();
    const { output, text } = anOutput(true);
    const result = view.map((x: number) => x, [0]);
    const waiting = result.waitInteractive({ output });
    await settle();
    cloud.end(result.jobId, 0, 1);
    expect(await clock.until(waiting)).toBe(true);
    expect(text()).toMatch(/^1\/1 \(100%\) after \d+\.\d s, .*\n$/);
  });

  it("waitInteractive polls more often for a bar on a terminal than for lines", async () => {
    const queries = async (isTTY: boolean) => {
      const { view, cloud, clock } = aClient();
      const { output } = anOutput(isTTY);
      const result = view.map(
        (x: number) => x,
        Array.from({ length: 100 }, (_, x) => x),
      );
      const waiting = result.waitInteractive({ output });
      await settle();
      for (let from = 0; from < 100; from++) {
        await clock.advance(200);
        cloud.end(result.jobId, from, from + 1);
      }
      await clock.until(waiting);
      return cloud.queries.length;
    };
    const [bar, lines] = [await queries(true), await queries(false)];
    expect(bar).toBeLessThan(130);
    expect(lines).toBeLessThan(bar * 0.8);
  });

  it("waitInteractive returns false on timeout, and does not reject for a failed task", async () => {
    const { view, cloud, clock } = aClient();
    const { output } = anOutput(false);
    const result = view.map((x: number) => x, [0]);
    expect(await clock.until(result.waitInteractive({ output, timeoutMs: 100 }))).toBe(false);
    cloud.end(result.jobId, 0, 1, () => {
      throw new Error("no");
    });
    expect(await clock.until(result.waitInteractive({ output }))).toBe(true);
  });
});

/** Throws for one index. */
function failFor(wanted: number): (index: number) => number {
  return (index) => {
    if (index === wanted) throw new RangeError("no");
    return index;
  };
}

/** A first attempt that failed, and is followed by another. */
function failedOnce(index: number, cloud: ScriptedCloud): Entry {
  return { ...cloud.entry(index, () => failFor(index)(index)), final: false };
}

describe("onProgress", () => {
  it("a listener hears of outcomes as they arrive, until it is ended", async () => {
    const { view, cloud, clock } = aClient();
    const result = view.map((x: number) => x, [0, 1, 2, 3]);
    const heard: AsyncResult.Progress[] = [];
    const end = result.onProgress((progress) => heard.push(progress));
    await settle();
    const none = { total: 4, failed: 0, retries: 0, perSecond: undefined, remainingMs: undefined, usd: 0 };
    expect(heard).toEqual([{ done: 0, ...none }]);
    const waiting = result.wait();
    cloud.write(result.jobId, [failedOnce(2, cloud)], {}, "first");
    await clock.advance(1000);
    expect(heard.at(-1)).toEqual({ done: 0, ...none, retries: 1 });
    cloud.end(result.jobId, 0, 2, failFor(0));
    await clock.advance(1000);
    expect(heard).toHaveLength(3);
    expect(heard.at(-1)).toMatchObject({ done: 2, failed: 1, retries: 1 });
    expect(heard.at(-1)?.remainingMs).toBeCloseTo(2000 / (heard.at(-1)?.perSecond ?? 0));
    end();
    cloud.end(result.jobId, 2, 4);
    await clock.until(waiting);
    expect(heard).toHaveLength(3);
    result.onProgress((progress) => heard.push(progress));
    await settle();
    expect(heard.at(-1)).toEqual({ ...none, done: 4, failed: 1, retries: 1, remainingMs: 0 });
  });

  it("a listener and the lines hear what the outcomes so far record as cost", async () => {
    const { view, cloud, clock } = aClient();
    const { output, text } = anOutput(false);
    const result = view.map((x: number) => x, [0, 1, 2, 3]);
    const heard: AsyncResult.Progress[] = [];
    result.onProgress((progress) => heard.push(progress));
    const waiting = result.waitInteractive({ output });
    await settle();
    const used = packUsage({ ...noUsage(), invocations: 1000 });
    cloud.write(result.jobId, [cloud.entry(0, () => 0), cloud.entry(1, () => 1)], { used }, "L1");
    await clock.advance(6000);
    expect(heard.at(-1)?.usd).toBeCloseTo(0.0002);
    expect(text()).toContain(", $0.00020\n");
    cloud.write(result.jobId, [cloud.entry(2, () => 2), cloud.entry(3, () => 3)], { used }, "L2");
    await clock.until(waiting);
    expect(heard.at(-1)?.usd).toBeCloseTo(0.0004);
    const [first] = await result.split();
    first?.onProgress((progress) => heard.push(progress));
    await settle();
    expect(heard.at(-1)).toMatchObject({ done: 1, total: 1, usd: undefined });
  });

  it("a listener causes no request, also while another result is awaited", async () => {
    const requests = async (isHeard: boolean) => {
      const { view, cloud, clock } = aClient();
      const results = [0, 1, 2].map((x) => view.apply((y: number) => y, x));
      if (isHeard) for (const result of results) result.onProgress(() => {});
      await clock.advance(5000);
      cloud.end(results[0]?.jobId.split(".")[0] ?? "", 0, 3);
      await clock.until(Promise.resolve(results[1]?.wait()));
      return [cloud.queries.length, cloud.rowReads, cloud.log.length];
    };
    expect(await requests(true)).toEqual(await requests(false));
  });

  it("the items of chunks count, those that failed too", async () => {
    const { view, cloud, clock } = aClient({ chunkSize: 2 });
    cloud.behaviour = ([x]) => failFor(3)(Number(x));
    const result = view.map((x: number) => x, [0, 1, 2, 3, 4]);
    const heard: AsyncResult.Progress[] = [];
    result.onProgress((progress) => heard.push(progress));
    await settle();
    expect(heard[0]).toMatchObject({ done: 0, total: 5 });
    await clock.until(result.wait());
    expect(heard.at(-1)).toMatchObject({ done: 5, total: 5, failed: 1 });
  });

  it("a listener of a refused submission is not called", async () => {
    const { view, cloud, clock } = aClient();
    cloud.answer = (message) => (message.type === "submit" ? new Error("no scheduler") : undefined);
    const result = view.map((x: number) => x, [1]);
    const heard: unknown[] = [];
    result.onProgress((progress) => heard.push(progress));
    await clock.until(result.catch(() => {}));
    expect(heard).toEqual([]);
  });

  it("separate results of one job cost a listener each, and not the square of them", async () => {
    const { view, cloud, clock } = aClient();
    const results = Array.from({ length: 1000 }, (_, x) => view.apply((y: number) => y, x));
    let calls = 0;
    for (const result of results)
      result.onProgress(() => {
        calls++;
      });
    await settle();
    expect(calls).toBe(1000);
    cloud.end(results[0]?.jobId.split(".")[0] ?? "", 0, 1000);
    await clock.until(Promise.all(results));
    expect(calls).toBe(2000);
  });
});

describe("the rate", () => {
  it("follows a change of speed within some seconds, and forgets the start", () => {
    const rate = new ProgressRate(0, 10);
    expect(rate.perSecond(1000, 10)).toBeUndefined();
    for (let second = 1; second <= 60; second++) rate.perSecond(second * 1000, 10);
    for (let second = 61; second <= 120; second++) rate.perSecond(second * 1000, 10 + (second - 60) * 5);
    expect(rate.perSecond(120_000, 310)).toBeCloseTo(5);
  });
});

describe("task()", () => {
  it("outside a task, the error says that it works only inside one", () => {
    expect(() => task()).toThrow(FantailError);
    expect(() => task()).toThrow(/only be called inside a task/);
  });
});
