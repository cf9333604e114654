import { describe, expect, it } from "vitest";
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

  it("budgetUsd is reserved, and refused until it exists", () => {
    expect(flagOf(() => parseFlags({ budgetUsd: 1 } as Flags))).toBe("budgetUsd");
  });

  it("the name of an inherited member is not accepted as a flag", () => {
    expect(flagOf(() => parseFlags(JSON.parse('{"toString": 1}') as Flags))).toBe("toString");
  });

  it("equal flags give equal text in the message", () => {
    const spelled = jobFlags({ targets: [1, 0, 1], timeoutMs: 0, retries: 0, priority: 0, label: "a", ordered: false });
    expect(spelled).toEqual({ targets: [0, 1] });
    expect(jobFlags({ targets: 3 })).toEqual({ targets: [3] });
    expect(jobFlags({ backoff: { initialMs: 10 } })).toEqual({ backoff: { initialMs: 10, factor: 2, jitter: true } });
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
