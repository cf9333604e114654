import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ANY_ENGINE, eligibleCount, engineIds, isEligible, queueClass } from "../../lambdas/core/queue-class.ts";

const pools = [
  { name: "small", count: 3, memoryMb: 512 },
  { name: "middle", count: 2, memoryMb: 1024 },
  { name: "large", count: 4, memoryMb: 4096 },
];
const engines = pools.flatMap((pool) =>
  engineIds([pool], pools).map((id) => ({ id, pool: pool.name, memoryMb: pool.memoryMb })),
);

describe("the queue class of a job", () => {
  test("is any, a pool, or engines by id", () => {
    expect(queueClass({}, pools)).toBe(ANY_ENGINE);
    expect(queueClass({ memoryMb: 512 }, pools)).toBe(ANY_ENGINE);
    expect(queueClass({ memoryMb: 2000 }, pools)).toBe("pool:large");
    expect(queueClass({ memoryMb: 1000 }, pools)).toBe("engines:3-8");
    expect(queueClass({ targets: "middle" }, pools)).toBe("pool:middle");
    expect(queueClass({ targets: [7, 1, 2, 0, 7] }, pools)).toBe("engines:0-2,7");
    expect(queueClass({ targets: [4] }, pools)).toBe("engines:4");
  });

  test("lets exactly the engines run it that its flags allow", () => {
    const targets = fc.option(
      fc.oneof(fc.constantFrom("small", "large"), fc.uniqueArray(fc.nat(8), { minLength: 1 })),
      { nil: undefined },
    );
    const memory = fc.option(fc.constantFrom(100, 512, 600, 1024, 4096, 9999), { nil: undefined });
    fc.assert(
      fc.property(targets, memory, (target, memoryMb) => {
        const queue = queueClass(
          { ...(target === undefined ? {} : { targets: target }), ...(memoryMb === undefined ? {} : { memoryMb }) },
          pools,
        );
        const allowed = engines.filter(
          ({ id, pool, memoryMb: has }) =>
            has >= (memoryMb ?? 0) &&
            (target === undefined || target === pool || (Array.isArray(target) && target.includes(id))),
        );
        expect(engines.filter((engine) => isEligible(engine, queue))).toEqual(allowed);
        expect(eligibleCount(queue, pools)).toBe(allowed.length);
      }),
    );
  });
});
