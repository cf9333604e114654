import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latencyModel } from "../../client/commands/latency-model-option.ts";
import { AWS_FIGURES, type LatencyFigure, type LatencyKind } from "../../client/local/latency/aws-figures.ts";
import { LatencyModel } from "../../client/local/latency/latency-model.ts";
import { latencyOf, latencyText, parseLatency } from "../../client/local/latency/latency-option.ts";
import { logNormalDraws, sigmaOf } from "../../client/local/latency/log-normal.ts";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";

const KINDS = Object.keys(AWS_FIGURES) as LatencyKind[];
const modelOf = (seed: number, pause?: (ms: number) => Promise<unknown>) =>
  new LatencyModel({ model: "aws", seed }, pause);
const drawsOf = (model: LatencyModel, kind: LatencyKind, count: number) =>
  Array.from({ length: count }, () => model.draw(kind));

describe("log-normal draws", () => {
  it("log-normal draws have the given median and 99th percentile", () => {
    const next = logNormalDraws(7, "any", 20, 90);
    const drawn = Array.from({ length: 100_000 }, next).sort((a, b) => a - b);
    expect(drawn[50_000]).toBeGreaterThan(19.5);
    expect(drawn[50_000]).toBeLessThan(20.5);
    expect(drawn[99_000]).toBeGreaterThan(85);
    expect(drawn[99_000]).toBeLessThan(95);
  });

  it("log-normal draws have the median and 99th percentile of AWS's figures", () => {
    expect(sigmaOf(10, 10)).toBe(0);
    expect(sigmaOf(1, Math.exp(2.3263478740408408))).toBeCloseTo(1, 12);
  });

  it("log-normal draws are above 0 for every seed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
        const next = logNormalDraws(seed, "any", 5, 50);
        return Array.from({ length: 50 }, next).every((value) => Number.isFinite(value) && value > 0);
      }),
    );
  });
});

describe("the figures of AWS", () => {
  it.each(Object.entries<LatencyFigure>(AWS_FIGURES))(
    "the figure %s states the sources of its numbers",
    (_, figure) => {
      expect(figure.p99Ms).toBeGreaterThan(figure.medianMs);
      for (const from of [figure.medianFrom, figure.p99From, figure.mbPerSecondFrom ?? "assumed"])
        expect(from).toMatch(/^assumed|\b(?:19|20)\d\d\b/);
      expect(figure.mbPerSecondFrom === undefined).toBe(figure.mbPerSecond === undefined);
    },
  );
});

describe("a latency model", () => {
  it("a latency model draws the same latencies for the same seed, and different ones for another", () => {
    for (const kind of KINDS) {
      expect(drawsOf(modelOf(7), kind, 100)).toEqual(drawsOf(modelOf(7), kind, 100));
      expect(drawsOf(modelOf(7), kind, 100)).not.toEqual(drawsOf(modelOf(8), kind, 100));
    }
  });

  it("the latencies of one kind of call do not depend on other calls", () => {
    const mixed = modelOf(7);
    for (const kind of KINDS) drawsOf(mixed, kind, 10);
    const [reads, writes] = [drawsOf(mixed, "dynamodbRead", 10), drawsOf(mixed, "dynamodbWrite", 10)];
    expect(reads).toEqual(drawsOf(modelOf(7), "dynamodbRead", 20).slice(10));
    expect(writes).toEqual(drawsOf(modelOf(7), "dynamodbWrite", 20).slice(10));
    expect(reads).not.toEqual(writes);
  });

  it("a latency model waits as long as it drew, and longer for larger content", async () => {
    const paused: number[] = [];
    const model = modelOf(7, async (ms) => void paused.push(ms));
    const [first = 0, second = 0] = drawsOf(modelOf(7), "s3Write", 2);
    expect(await model.wait("s3Write")).toBe(first);
    expect(await model.wait("s3Write", 93_000_000)).toBe(second + 1000);
    expect(await model.transfer("s3Read", 9_300_000)).toBe(100);
    expect(await model.transfer("dynamodbRead", 9_300_000)).toBe(0);
    expect(paused).toEqual([first, second + 1000, 100]);
  });

  it("calls wait for their latencies concurrently", async () => {
    const ends: (() => void)[] = [];
    const model = modelOf(7, () => new Promise<void>((end) => ends.push(end)));
    const waits = Promise.all(Array.from({ length: 50 }, () => model.wait("invoke")));
    expect(ends).toHaveLength(50);
    for (const end of ends) end();
    expect(await waits).toHaveLength(50);
  });
});

describe("the option latency", () => {
  it.each([
    [undefined, undefined],
    ["aws", { model: "aws", seed: 1 }],
    [{ model: "aws" }, { model: "aws", seed: 1 }],
    [
      { model: "aws", seed: 0 },
      { model: "aws", seed: 0 },
    ],
    [
      { model: "aws", seed: 4294967295 },
      { model: "aws", seed: 4294967295 },
    ],
  ])("the option latency %j is parsed as %j", (given, choice) => {
    expect(parseLatency(given)).toEqual(choice);
  });

  it.each([
    [null],
    [""],
    ["azure"],
    ["aws:7"],
    [{}],
    [{ model: "aws", seed: -1 }],
    [{ model: "aws", seed: 1.5 }],
    [{ model: "aws", seed: 2 ** 32 }],
    [{ model: "aws", seed: "7" }],
    [{ model: "aws", sead: 7 }],
  ])("the option latency %j is refused", (given) => {
    expect(() => parseLatency(given)).toThrow(InvalidFlag);
    expect(() => parseLatency(given)).toThrow(/^flag latency: must be "aws" or \{ model: "aws", seed \}/);
  });

  it("on the command line, latency is aws or aws with a seed", () => {
    expect(latencyModel("aws")).toEqual({ model: "aws", seed: 1 });
    expect(latencyModel("aws:7")).toEqual({ model: "aws", seed: 7 });
    expect(latencyOf(latencyText({ model: "aws", seed: 12 }))).toEqual({ model: "aws", seed: 12 });
    for (const text of ["", "azure", "aws:", "aws:-1", "aws:x", "aws:4294967296", " aws"])
      expect(() => latencyModel(text)).toThrow(/must be aws, or aws:<seed>/);
  });
});
