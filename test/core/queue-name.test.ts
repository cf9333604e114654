import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ANY_ENGINE,
  eligibility,
  formatQueue,
  isEligible,
  mayHoldWorkOf,
  parseQueue,
  QUEUE_NAME_CHARS,
  queueAfterRefusal,
  queueName,
} from "../../lambdas/core/queue-name.ts";
import {
  drained,
  eligibleCount,
  enginesOf,
  hasEligible,
  placeInPool,
  rosterOf,
  scaled,
} from "../../lambdas/core/roster.ts";

const pools = [
  { name: "small", count: 3, memoryMb: 512 },
  { name: "middle", count: 2, memoryMb: 1024 },
  { name: "large", count: 4, memoryMb: 4096 },
];
const roster = rosterOf(pools);
const memoryOf = new Map(pools.map(({ name, memoryMb }) => [name, memoryMb]));
const engines = [...enginesOf(roster)].map((engine) => ({ ...engine, memoryMb: memoryOf.get(engine.pool) ?? 0 }));

describe("the queue of a job", () => {
  test("the queue of a job is any, a pool, or engines by id, without the pools that are too small", () => {
    expect(queueName({}, pools)).toBe(ANY_ENGINE);
    expect(queueName({ memoryMb: 512 }, pools)).toBe(ANY_ENGINE);
    expect(queueName({ memoryMb: 2000 }, pools)).toBe("any/not:middle,small");
    expect(queueName({ targets: "middle" }, pools)).toBe("pool:middle");
    expect(queueName({ targets: [7, 1, 2, 0, 7] }, pools)).toBe("engines:0-2,7");
    expect(queueName({ targets: [4, 0], memoryMb: 1000 }, pools)).toBe("engines:0,4/not:small");
  });

  test("the queue of a job serves exactly the engines that its flags allow", () => {
    const targets = fc.option(
      fc.oneof(fc.constantFrom("small", "large"), fc.uniqueArray(fc.nat(8), { minLength: 1 })),
      { nil: undefined },
    );
    const memory = fc.option(fc.constantFrom(100, 512, 600, 1024, 4096, 9999), { nil: undefined });
    fc.assert(
      fc.property(targets, memory, (target, memoryMb) => {
        const queue = queueName(
          { ...(target === undefined ? {} : { targets: target }), ...(memoryMb === undefined ? {} : { memoryMb }) },
          pools,
        );
        const allowed = engines.filter(
          ({ id, pool, memoryMb: has }) =>
            has >= (memoryMb ?? 0) &&
            (target === undefined || target === pool || (Array.isArray(target) && target.includes(id))),
        );
        expect(engines.filter((engine) => isEligible(engine, queue))).toEqual(allowed);
        expect(eligibleCount(queue, roster)).toBe(allowed.length);
        expect(hasEligible(queue, roster)).toBe(allowed.length > 0);
        expect(formatQueue(parseQueue(queue))).toBe(queue);
      }),
    );
  });
});

describe("the queue of refused tasks", () => {
  test("the queue of refused tasks excludes exactly the engines that refused, in any order, and admits later ones", () => {
    const refusals = fc.uniqueArray(fc.record({ id: fc.nat(8), whole: fc.boolean() }), {
      selector: ({ id }) => id,
      maxLength: 9,
    });
    fc.assert(
      fc.property(refusals, fc.constantFrom("any", "pool:large", "engines:1,4-6"), (refused, base) => {
        const pool = (id: number) => engines.find((engine) => engine.id === id)?.pool ?? "";
        const refuse = (queue: string, { id, whole }: { id: number; whole: boolean }) =>
          queueAfterRefusal(queue, { id, pool: pool(id) }, whole);
        const queue = refused.reduce(refuse, base);
        expect(refused.toReversed().reduce(refuse, base)).toBe(queue);
        expect(mayHoldWorkOf(base, queue)).toBe(true);
        const left = engines.filter(
          (engine) =>
            isEligible(engine, base) &&
            !refused.some(({ id, whole }) => id === engine.id || (whole && pool(id) === engine.pool)),
        );
        expect(engines.filter(eligibility(queue))).toEqual(left);
        const wholePools = refused.flatMap(({ id, whole }) => (whole ? [pool(id)] : []));
        if (base === "any") expect(isEligible({ id: 99, pool: "large" }, queue)).toBe(!wholePools.includes("large"));
      }),
    );
  });

  test("the name of a queue of refused tasks fits a key, and never readmits an engine that refused", () => {
    let queue: string = ANY_ENGINE;
    for (let id = 0; id < 4000; id += 3) queue = queueAfterRefusal(queue, { id, pool: "small" }, false);
    expect(queue.length).toBeLessThan(QUEUE_NAME_CHARS);
    for (let id = 0; id < 4000; id += 3) expect(isEligible({ id, pool: "small" }, queue)).toBe(false);
    expect(isEligible({ id: 4000, pool: "small" }, queue)).toBe(true);
  });
});

describe("the roster", () => {
  const ids = (of: typeof roster) => of.map((pool) => pool.ids);

  test("the roster numbers the pools' engines in order until it is changed", () => {
    expect(ids(roster)).toEqual([[[0, 3]], [[3, 5]], [[5, 9]]]);
  });

  test("the roster assigns the lowest free ids to new engines, removes the highest, and renumbers none", () => {
    const up = scaled(roster, "small", 5);
    expect(ids(up)).toEqual([
      [
        [0, 3],
        [9, 11],
      ],
      [[3, 5]],
      [[5, 9]],
    ]);
    const down = scaled(drained(up, [1, 6]), "large", 1);
    expect(ids(down)).toEqual([
      [
        [0, 1],
        [2, 3],
        [9, 11],
      ],
      [[3, 5]],
      [[5, 6]],
    ]);
    expect(ids(scaled(down, "middle", 4))).toEqual([
      [
        [0, 1],
        [2, 3],
        [9, 11],
      ],
      [
        [1, 2],
        [3, 5],
        [6, 7],
      ],
      [[5, 6]],
    ]);
  });

  test("the roster returns an engine's place in its pool, whatever its ids", () => {
    const up = scaled(drained(roster, [1]), "small", 5);
    const places = [...enginesOf(up)].filter(({ pool }) => pool === "small").map((one) => placeInPool(up, one));
    expect(places).toEqual([0, 1, 2, 3, 4]);
    expect(placeInPool(drained(roster, [3]), { id: 4, pool: "middle" })).toBe(0);
    expect(placeInPool(roster, { id: 4, pool: "gone" })).toBe(0);
  });

  test("the roster keeps its ids when a pool is redeployed, resized or joined by another", () => {
    const rest = { small: { ids: [[1, 3] as [number, number]], deployed: 3 }, large: { ids: [], deployed: 9 } };
    expect(ids(rosterOf(pools, rest))).toEqual([
      [[1, 3]],
      [
        [0, 1],
        [3, 4],
      ],
      [[4, 8]],
    ]);
  });
});
