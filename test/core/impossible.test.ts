import { describe, expect, test } from "vitest";
import { type ImpossibleFacts, impossible } from "../../lambdas/core/impossible.ts";
import type { EncodedError } from "../../lambdas/protocol/outcome-page.ts";

const pools = [
  { name: "small", memoryMb: 512 },
  { name: "large", memoryMb: 2048 },
  { name: "gpu", memoryMb: 4096 },
];
const refusal = (evalue: string, more: Partial<EncodedError> = {}): EncodedError => ({
  code: "UnmetDependency",
  ename: "UnmetDependency",
  evalue,
  ...more,
});
const missing = refusal("Cannot find package 'sharp' imported from /var/task/index.js", { module: "sharp" });
const lacking = (entries: Record<string, string[]>) =>
  new Map(Object.entries(entries).map(([pool, modules]) => [pool, new Set(modules)]));
const REMEDY = ". Install it there with `engines[].modules`";

describe("the error of a task that no engine can run", () => {
  test.each<[string, string, Partial<ImpossibleFacts>, string]>([
    ["for which no engine is left", "any", {}, "no engine can run it: none is left"],
    ["with targets that are gone", "engines:3,5-6", {}, "no engine can run it: none is left among its targets 3,5-6"],
    ["with a pool that is empty", "pool:gpu", {}, "no engine can run it: none is left in pool gpu"],
    [
      "that one engine refused",
      "any/but:4",
      { last: { engine: { id: 4, pool: "small" }, error: refusal("no GPU") } },
      "no engine can run it: engine 4 refused it (engine 4: no GPU)",
    ],
    [
      "that several refused",
      "pool:small/but:0-1,4",
      { last: { engine: { id: 4, pool: "small" }, error: undefined } },
      "no engine in pool small can run it: engines 0-1,4 refused it",
    ],
    [
      "that needs more memory than a pool has",
      "any/not:small",
      { memoryMb: 1024 },
      "no engine can run it: pool small has less than memoryMb = 1024",
    ],
    [
      "that needs more memory than any pool has",
      "any/not:gpu,large,small",
      { memoryMb: 8192 },
      "no engine can run it: pools gpu, large and small have less than memoryMb = 8192",
    ],
    [
      "whose module a pool lacks, by the refusal alone: that message is not repeated",
      "any/not:small",
      { last: { engine: { id: 0, pool: "small" }, error: missing } },
      `no engine can run it: pool small lacks module sharp${REMEDY}`,
    ],
    [
      "whose module failed to load otherwise: that message is repeated",
      "any/not:small",
      { last: { engine: { id: 0, pool: "small" }, error: { ...missing, evalue: "wrong ELF class" } } },
      `no engine can run it: pool small lacks module sharp (engine 0: wrong ELF class)${REMEDY}`,
    ],
    [
      "that an engine refused in the words of a module loader: they are repeated where they name no module",
      "any/but:4",
      { last: { engine: { id: 4, pool: "small" }, error: refusal("Cannot find package of data") } },
      "no engine can run it: engine 4 refused it (engine 4: Cannot find package of data)",
    ],
    [
      "whose module two pools lack",
      "any/not:large,small",
      { last: { engine: { id: 0, pool: "small" }, error: missing }, lacking: lacking({ large: ["sharp", "pg"] }) },
      `no engine can run it: pools large and small lack module sharp${REMEDY}`,
    ],
    [
      "whose pools lack different modules",
      "any/not:gpu,large,small",
      { lacking: lacking({ large: ["pg"], small: ["pg", "sharp"] }) },
      "no engine can run it: pool gpu lacks a module that it requires; pool large lacks module pg; pool small lacks modules pg and sharp",
    ],
    [
      "with several reasons",
      "any/but:7/not:large,small",
      {
        memoryMb: 1024,
        last: { engine: { id: 7, pool: "gpu" }, error: refusal("busy") },
        lacking: lacking({ large: ["pg"] }),
      },
      "no engine can run it: engine 7 refused it; pool small has less than memoryMb = 1024; pool large lacks module pg (engine 7: busy)",
    ],
    [
      "that was to continue in a pool without engines",
      "any/only:gpu",
      {},
      "no engine can run it: it was to continue in pool gpu",
    ],
  ])("the error describes a task %s", (_, queue, facts, evalue) => {
    expect(impossible(queue, { pools, ...facts })).toEqual({
      code: "ImpossibleDependency",
      ename: "ImpossibleDependency",
      evalue,
    });
  });

  test("the error's message is cut to the given length", () => {
    expect(impossible("any", { pools }, 9).evalue).toBe("no engine");
    const last = { engine: { id: 4, pool: "small" }, error: refusal("x".repeat(5000)) };
    expect(impossible("any/but:4", { pools, last }).evalue).toHaveLength(2000);
  });
});
