import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseEngine } from "../../lambdas/core/placing/choose-engine.ts";
import { leastload } from "../../lambdas/core/placing/leastload.ts";
import { lru } from "../../lambdas/core/placing/lru.ts";
import { plainrandom } from "../../lambdas/core/placing/plainrandom.ts";
import type { Scheme } from "../../lambdas/core/placing/scheme.ts";
import { SumTree } from "../../lambdas/core/placing/sum-tree.ts";
import { twobin } from "../../lambdas/core/placing/twobin.ts";
import { weighted, weightOf } from "../../lambdas/core/placing/weighted.ts";
import { SCHEME_NAMES, type SchemeName } from "../../lambdas/protocol/flags.ts";
import { propertyRuns } from "../property-runs.ts";
import { SeededChance } from "../simulation/seeded-chance.ts";

/** The definitions, to which the fast forms are compared. */
const SCHEMES: Readonly<Record<SchemeName, Scheme>> = { leastload, lru, plainrandom, twobin, weighted };

/** Returns a random function that yields these draws in order. */
function draws(...values: number[]): () => number {
  return () => values.shift() ?? 0;
}

function engines(loads: readonly number[]): { id: number; load: number }[] {
  return loads.map((load, id) => ({ id, load }));
}

const someLoads = fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 12 });

describe("the schemes, as ipyparallel defines them", () => {
  test("leastload takes the first index of the minimum load", () => {
    expect(leastload([3, 1, 2, 1], Math.random)).toBe(1);
    expect(leastload([0], Math.random)).toBe(0);
    fc.assert(fc.property(someLoads, (loads) => leastload(loads, Math.random) === loads.indexOf(Math.min(...loads))));
  });

  test("lru takes the first engine, whatever the loads", () => {
    fc.assert(fc.property(someLoads, (loads) => lru(loads, Math.random) === 0));
  });

  test("plainrandom is uniform over the indexes", () => {
    expect([0, 0.24, 0.25, 0.5, 0.99].map((draw) => plainrandom([9, 0, 0, 0], () => draw))).toEqual([0, 0, 1, 2, 3]);
  });

  test("twobin draws twice with replacement and takes the less recently used, whatever the loads", () => {
    expect(twobin([0, 0, 0, 9], draws(0.9, 0.3))).toBe(1);
    expect(twobin([0, 0, 0, 9], draws(0.3, 0.9))).toBe(1);
    expect(twobin([0, 0, 0, 9], draws(0.9, 0.9))).toBe(3);
  });

  test("an engine weighs 1 / (1e-6 + load)", () => {
    expect(weightOf(0)).toBeCloseTo(1e6, 0);
    expect(weightOf(1)).toBe(1 / 1.000001);
    expect(weightOf(4)).toBe(1 / 4.000001);
  });

  test("weighted draws twice by weight and takes the heavier; of equal ones the first drawn", () => {
    // Weights are about 1, 1/2 and 1/2, of a total of 2.
    const loads = [1, 2, 2];
    expect(weighted(loads, draws(0.1, 0.9))).toBe(0);
    expect(weighted(loads, draws(0.9, 0.1))).toBe(0);
    expect(weighted(loads, draws(0.6, 0.9))).toBe(1);
    expect(weighted(loads, draws(0.9, 0.6))).toBe(2);
    expect(weighted(loads, draws(0.9, 0.9))).toBe(2);
  });

  test("weighted takes an idle engine almost always", () => {
    const chance = new SeededChance(5);
    for (let times = 0; times < 1000; times++) expect(weighted([1, 5, 0, 2], chance.next)).toBe(2);
  });

  test("weighted has the exact distribution of its formula", () => {
    const loads = [1, 2, 5, 1];
    const weights = loads.map(weightOf);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const expected = loads.map(() => 0);
    for (const [x, wx] of weights.entries())
      for (const [y, wy] of weights.entries()) {
        const taken = wy > wx ? y : x;
        expected[taken] = (expected[taken] ?? 0) + (wx / total) * (wy / total);
      }
    expectDistribution(
      counts(40_000, (chance) => weighted(loads, chance)),
      expected,
    );
  });

  test("twobin has the exact distribution of the smaller of two draws", () => {
    const expected = [0, 1, 2, 3].map((at) => ((4 - at) ** 2 - (3 - at) ** 2) / 16);
    expectDistribution(
      counts(40_000, (chance) => twobin([0, 0, 0, 0], chance)),
      expected,
    );
  });

  test("every scheme returns an index, and the names are ipyparallel's", () => {
    expect(Object.keys(SCHEMES).sort()).toEqual(["leastload", "lru", "plainrandom", "twobin", "weighted"]);
    fc.assert(
      fc.property(fc.constantFrom(...SCHEME_NAMES), someLoads, fc.integer(), (name, loads, seed) => {
        const at = SCHEMES[name](loads, new SeededChance(seed).next);
        return Number.isInteger(at) && at >= 0 && at < loads.length;
      }),
    );
  });
});

function counts(times: number, choose: (chance: () => number) => number): number[] {
  const chance = new SeededChance(11);
  const found: number[] = [];
  for (let time = 0; time < times; time++) {
    const at = choose(chance.next);
    found[at] = (found[at] ?? 0) + 1;
  }
  return Array.from(found, (count) => count ?? 0);
}

/** Chi-square test with a very generous bound. The seeds are fixed, so it cannot fail by bad luck. */
function expectDistribution(found: readonly number[], expected: readonly number[]): void {
  const times = found.reduce((sum, count) => sum + count, 0);
  let square = 0;
  for (const [at, probability] of expected.entries()) {
    if (probability === 0) expect(found[at] ?? 0).toBe(0);
    else square += ((found[at] ?? 0) - times * probability) ** 2 / (times * probability);
  }
  expect(square).toBeLessThan(4 * expected.length + 20);
}

/** A cluster as in ipyparallel: a list ordered by last assignment. The scheme chooses among the engines with room. */
class PlainPlacement {
  readonly #engines: { id: number; load: number }[];
  readonly #limit: number;
  readonly #scheme: Scheme;
  readonly #random: () => number;

  constructor(loads: readonly number[], limit: number, scheme: Scheme, random: () => number) {
    this.#engines = loads.map((load, id) => ({ id, load }));
    this.#limit = limit;
    this.#scheme = scheme;
    this.#random = random;
  }

  place(tasks: number): number | undefined {
    const open = this.#engines.filter(({ load }) => load < this.#limit);
    if (open.length === 0) return undefined;
    const chosen =
      open[
        this.#scheme(
          open.map(({ load }) => load),
          this.#random,
        )
      ];
    if (!chosen) return undefined;
    chosen.load += tasks;
    this.#engines.splice(this.#engines.indexOf(chosen), 1);
    this.#engines.push(chosen);
    return chosen.id;
  }
}

describe("placement, which does not visit all engines, equals the scheme", () => {
  const limits = fc.constantFrom(1, 2, 3, 7, Number.POSITIVE_INFINITY);
  const sizes = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 30 });

  test.each(["leastload", "lru"] as const)(
    "placement by %s gives the same engines in the same order as the scheme",
    (name) => {
      fc.assert(
        fc.property(someLoads, limits, sizes, (loads, limit, tasks) => {
          const plain = new PlainPlacement(loads, limit, SCHEMES[name], Math.random);
          const fast = chooseEngine(
            loads.map((load, id) => ({ id, load })),
            limit,
            name,
            Math.random,
          );
          for (const size of tasks) expect(fast.place(size)?.id).toBe(plain.place(size));
        }),
      );
    },
  );

  test("placement by a user's own scheme gives the same engines in the same order, and the scheme sees the same loads", () => {
    fc.assert(
      fc.property(someLoads, limits, sizes, fc.integer(), (loads, limit, tasks, seed) => {
        const seen: [number[][], number[][]] = [[], []];
        const own =
          (which: 0 | 1): Scheme =>
          (shown, random) => {
            seen[which].push([...shown]);
            return Math.floor(random() * shown.length);
          };
        const plain = new PlainPlacement(loads, limit, own(0), new SeededChance(seed).next);
        const fast = chooseEngine(
          loads.map((load, id) => ({ id, load })),
          limit,
          own(1),
          new SeededChance(seed).next,
        );
        for (const size of tasks) expect(fast.place(size)?.id).toBe(plain.place(size));
        expect(seen[1]).toEqual(seen[0]);
      }),
    );
  });

  const randomOnes: SchemeName[] = ["plainrandom", "twobin", "weighted"];
  test.each(randomOnes)(
    "placement by %s gives the scheme's engine for the same draws, if no task was placed before",
    (name) => {
      const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
      fc.assert(
        fc.property(someLoads, limits, draw, draw, (loads, limit, first, second) => {
          const plain = new PlainPlacement(loads, limit, SCHEMES[name], draws(first, second));
          const fast = chooseEngine(engines(loads), limit, name, draws(first, second));
          expect(fast.place(1)?.id).toBe(plain.place(1));
        }),
        { numRuns: propertyRuns(2000) },
      );
    },
  );

  test.each(randomOnes)("placement by %s has the distribution of the scheme over four placements", (name) => {
    const sequence = (place: (tasks: number) => number | undefined) =>
      [1, 2, 1, 1].map((tasks) => place(tasks) ?? 9).join("");
    const tally = (make: (random: () => number) => (tasks: number) => number | undefined, seed: number) => {
      const chance = new SeededChance(seed);
      const found = new Map<string, number>();
      for (let time = 0; time < 15_000; time++) {
        const key = sequence(make(chance.next));
        found.set(key, (found.get(key) ?? 0) + 1);
      }
      return found;
    };
    const fewLoads = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(fewLoads, limits, (loads, limit) => {
        const plain = tally((random) => {
          const one = new PlainPlacement(loads, limit, SCHEMES[name], random);
          return (tasks) => one.place(tasks);
        }, 1);
        const fast = tally((random) => {
          const one = chooseEngine(engines(loads), limit, name, random);
          return (tasks) => one.place(tasks)?.id;
        }, 2);
        let square = 0;
        const keys = new Set([...plain.keys(), ...fast.keys()]);
        for (const key of keys) {
          const [a, b] = [plain.get(key) ?? 0, fast.get(key) ?? 0];
          square += (a - b) ** 2 / (a + b);
        }
        // The expected value is the number of keys. The seeds are fixed, so this cannot fail by bad luck.
        expect(square).toBeLessThan(keys.size + 6 * Math.sqrt(2 * keys.size) + 10);
      }),
      { seed: 7, numRuns: propertyRuns(8) },
    );
  });

  test("placement exceeds the limit by at most the last lease, and counts each assigned task", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SCHEME_NAMES),
        someLoads,
        fc.integer({ min: 1, max: 5 }),
        fc.integer(),
        (name, loads, limit, seed) => {
          const fast = chooseEngine(
            loads.map((load, id) => ({ id, load })),
            limit,
            name,
            new SeededChance(seed).next,
          );
          const room = loads.reduce((sum, load) => sum + Math.max(0, limit - load), 0);
          let placed = 0;
          const now = [...loads];
          while (fast.hasRoom()) {
            const drawn = fast.place(1);
            if (!drawn) throw new Error("there was room");
            now[drawn.id] = (now[drawn.id] ?? 0) + 1;
            expect(drawn.load).toBe(now[drawn.id]);
            expect(drawn.load).toBeLessThanOrEqual(limit);
            placed++;
          }
          expect(placed).toBe(room);
          expect(fast.place(1)).toBeUndefined();
        },
      ),
    );
  });

  test.each([
    ["out of range", () => 4],
    ["negative", () => -1],
    ["not whole", () => 1.5],
    ["not a number", () => Number.NaN],
    [
      "throwing",
      (): number => {
        throw new Error("mine");
      },
    ],
  ])("leastload decides if a user's own scheme returns an index that is %s", (_, scheme) => {
    const candidates = [2, 1, 1, 3].map((load, id) => ({ id, load }));
    const fast = chooseEngine(candidates, 4, scheme, Math.random);
    expect([1, 1, 1].map((tasks) => fast.place(tasks)?.id)).toEqual([1, 2, 0]);
  });
});

describe("SumTree", () => {
  test("SumTree draws by the current weights, and never an item of weight 0", () => {
    const weights = fc.array(fc.constantFrom(0, 1e6, 1, 0.001), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(
        weights,
        fc.array(fc.tuple(fc.nat(8), fc.constantFrom(0, 1e6, 1))),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (start, changes, chance) => {
          const now = [...start];
          const tree = new SumTree(start);
          for (const [at, weight] of changes)
            if (at < now.length) {
              now[at] = weight;
              tree.set(at, weight);
            }
          fc.pre(now.some((weight) => weight > 0));
          const at = tree.draw(chance);
          expect(now[at]).toBeGreaterThan(0);
          expect(tree.weight(at)).toBe(now[at]);
        },
      ),
    );
    const tree = new SumTree([1, 2, 0, 5]);
    expect([0, 0.124, 0.126, 0.374, 0.376, 0.999].map((chance) => tree.draw(chance))).toEqual([0, 0, 1, 1, 3, 3]);
  });
});
