import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DynamoStore } from "../../lambdas/adapters/dynamo-store.ts";
import { MemoryStore } from "../simulation/memory-store.ts";
import { DynamoProxy } from "./dynamo-proxy.ts";
import { answerOf, aVerb, sorted } from "./random-verbs.ts";
import { aPartition } from "./store-contract.ts";

/**
 * For a longer search: `FANTAIL_SIM_RUNS=10000 npx vitest run --config test/vitest.config.ts
 * test/store/differential.test.ts`. `FANTAIL_SIM_FIRST` is the seed.
 */
const SEED = Number(process.env.FANTAIL_SIM_FIRST ?? 1);
const RUNS = Number(process.env.FANTAIL_SIM_RUNS ?? 25);

let proxy: DynamoProxy;

beforeAll(async () => {
  proxy = await DynamoProxy.start();
});

afterAll(() => proxy.stop());

test("the store in memory answers and refuses any calls as the store on DynamoDB does", {
  timeout: 3_600_000,
}, async () => {
  const dynamo = new DynamoStore(proxy.client, { tasks: "tasks", engines: "engines" });
  const seen = { verbs: 0, refusals: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(aVerb, { minLength: 2, maxLength: 10 }), async (verbs) => {
      const pk = aPartition();
      const memory = new MemoryStore();
      for (const verb of verbs) {
        const expected = await answerOf(dynamo, pk, verb);
        expect({ verb, answer: await answerOf(memory, pk, verb) }).toEqual({ verb, answer: expected });
        seen.verbs++;
        if (expected.refused) seen.refusals++;
      }
      expect(sorted(await memory.list(pk))).toEqual(sorted(await dynamo.list(pk)));
    }),
    { seed: SEED, numRuns: RUNS },
  );
  // Without refusals, the test would prove nothing about them.
  expect(seen.refusals).toBeGreaterThan(seen.verbs / 50);
  expect(seen.refusals).toBeLessThan(seen.verbs / 2);
  if (process.env.FANTAIL_SIM_RUNS) console.log(`${RUNS} sequences, ${seen.verbs} verbs, ${seen.refusals} refused`);
});
