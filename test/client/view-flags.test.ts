import { describe, expect, it } from "vitest";
import { pricesOf } from "../../client/cost/prices.ts";
import type { Flags } from "../../client/flags/flags.ts";
import { jobFlags } from "../../client/flags/job-flags.ts";
import { parseFlags } from "../../client/flags/parse-flags.ts";
import { InvalidFlag, NoEnginesRegistered } from "../../lambdas/protocol/errors.ts";
import { aClient } from "./a-client.ts";

function flagOf(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidFlag) return error.flag;
    throw error;
  }
}

const cluster = { prices: pricesOf("us-east-1", { file: "" }) };

describe("a view's flags", () => {
  it.each<[keyof Flags, unknown[]]>([
    ["targets", [-1, 1.5, [], [0, "1"], "", {}]],
    ["timeoutMs", [-1, 0.5, "10", Number.NaN, null]],
    ["runTimeoutMs", [0, -5, "1s"]],
    ["deadlineMs", [0, -1]],
    ["retries", [-1, 1.5, "2", Number.POSITIVE_INFINITY]],
    ["retryOn", ["TypeError", [1]]],
    ["backoff", [100, {}, { initialMs: -1 }, { initialMs: 1, factor: 0.5 }, { initialMs: 1, wait: 2 }]],
    ["priority", ["high", 0.5]],
    ["label", [7, "x".repeat(201)]],
    ["chunkSize", [0, -1, 1.5, "4"]],
    ["ordered", ["yes", 1]],
    ["returnExceptions", [1]],
    ["maxOutstanding", [-1, "many"]],
    ["scheme", ["fastest", "pure"]],
    ["memoryMb", [0, "1 GB"]],
    ["budgetUsd", [0, -1, Number.NaN, Number.POSITIVE_INFINITY, "1", null]],
    ["capture", ["no"]],
    ["allowSecrets", ["token"]],
    ["signal", [new AbortController()]],
  ])("an invalid %s is refused by name", (name, values) => {
    for (const value of values)
      expect(
        flagOf(() => parseFlags({ [name]: value })),
        String(value),
      ).toBe(name);
  });

  it("an unknown flag is refused, and the known ones are listed", () => {
    expect(() => parseFlags({ retrys: 1 } as Flags)).toThrow(
      /flag retrys: is not known; did you mean retries or retryOn\? known names are .*retries/,
    );
  });

  it("the name of an inherited member is not accepted as a flag", () => {
    expect(flagOf(() => parseFlags(JSON.parse('{"toString": 1}') as Flags))).toBe("toString");
  });

  it("a budget is sent with the price of each count of usage, in nano-dollars", () => {
    const { budgetUsd } = jobFlags({ budgetUsd: 0.5 }, cluster);
    expect(budgetUsd).toEqual({
      usd: 0.5,
      prices: [200, 13.3334, 16.6667, 625, 125, 5000, 400, expect.closeTo(0.0838, 4)],
    });
  });

  it("equal flags give equal text in the message", () => {
    const given = { targets: [1, 0, 1], timeoutMs: 0, retries: 0, priority: 0, label: "a", ordered: false };
    const spelled = jobFlags(given, cluster);
    expect(spelled).toEqual({ targets: [0, 1] });
    expect(jobFlags({ targets: 3 }, cluster)).toEqual({ targets: [3] });
    const { backoff } = jobFlags({ backoff: { initialMs: 10 } }, cluster);
    expect(backoff).toEqual({ initialMs: 10, factor: 2, jitter: true });
  });
});

describe("a view", () => {
  it("a view never changes: withFlags makes another", () => {
    const { view } = aClient({ retries: 1 });
    const other = view.withFlags({ label: "b" });
    expect(view.flags).toEqual({ retries: 1 });
    expect(other.flags).toEqual({ retries: 1, label: "b" });
    expect(Object.isFrozen(other.flags)).toBe(true);
  });

  it("a view keeps its flags if the given object changes", () => {
    const targets = [0];
    const backoff = { initialMs: 5 };
    const { view } = aClient({ targets, backoff });
    targets.push(1);
    backoff.initialMs = 7;
    expect(view.flags).toMatchObject({ targets: [0], backoff: { initialMs: 5 } });
  });

  it("withFlags removes a flag given as undefined", () => {
    const { view } = aClient({ retries: 1, label: "a" });
    expect(view.withFlags({ label: undefined }).flags).toEqual({ retries: 1 });
  });

  it("a view keeps its flags if withFlags refuses others", () => {
    const { view } = aClient({ retries: 1 });
    expect(() => view.withFlags({ retries: -1 })).toThrow(InvalidFlag);
    expect(view.flags).toEqual({ retries: 1 });
  });

  it.each([{ targets: 3 }, { targets: [0, 9] }, { targets: "gpu" }])(
    "targets that do not exist are refused: %o",
    (flags) => {
      const { view } = aClient();
      expect(() => view.withFlags(flags)).toThrow(NoEnginesRegistered);
    },
  );

  it("targets may be any existing ids and pool names", () => {
    const { view } = aClient();
    for (const targets of [[0, 1, 2], 2, "large"]) expect(view.withFlags({ targets }).flags.targets).toEqual(targets);
  });

  it("memory that no pool has is refused", () => {
    expect(flagOf(() => aClient({ memoryMb: 8192 }))).toBe("memoryMb");
    expect(aClient({ memoryMb: 4096 }).view.flags.memoryMb).toBe(4096);
  });
});
