import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DynamoStore } from "../../lambdas/adapters/dynamo-store.ts";
import type { Store } from "../../lambdas/adapters/store.ts";
import { MemoryStore } from "../simulation/memory-store.ts";
import { motoDepartures } from "./moto/moto-departures.ts";
import { startMoto } from "./moto/moto-dynamo.ts";
import { motoMissing } from "./moto/moto-server.ts";
import { answerOf, aVerb, sorted } from "./random-verbs.ts";
import { aPartition, storeContract } from "./store-contract.ts";

const RUNS = Number(process.env.FANTAIL_SIM_RUNS ?? 60);

const missing = await motoMissing();
if (missing !== undefined) console.warn(`\nSKIPPED: the store's contract on moto: ${missing}\n`);

describe.skipIf(missing !== undefined)("the store on moto's DynamoDB", { timeout: 120_000 }, () => {
  let moto: Awaited<ReturnType<typeof startMoto>> | undefined;
  const store = (): Store => {
    if (!moto) throw new Error("moto has not started");
    return new DynamoStore(moto.client, { tasks: "tasks", engines: "engines" });
  };

  beforeAll(async () => {
    moto = await startMoto();
  }, 120_000);

  afterAll(async () => {
    await moto?.stop();
  }, 60_000);

  const ends = Object.entries(motoDepartures).map(([call, { ends }]) => [call, ends]);
  storeContract(store, Object.fromEntries(ends));

  test("moto answers valid calls as the store in memory does", { timeout: 600_000 }, async () => {
    const seen = { verbs: 0, refusals: 0 };
    const tried = fc.asyncProperty(fc.array(aVerb, { minLength: 2, maxLength: 10 }), async (verbs) => {
      const [pk, memory, dynamo] = [aPartition(), new MemoryStore(), store()];
      for (const verb of verbs) {
        // moto accepts some invalid requests, so skip those that the in-memory store refuses.
        const expected = await answerOf(memory, pk, verb);
        if (expected.refused) seen.refusals++;
        else expect({ verb, answer: await answerOf(dynamo, pk, verb) }).toEqual({ verb, answer: expected });
        seen.verbs++;
      }
      expect(sorted(await dynamo.list(pk))).toEqual(sorted(await memory.list(pk)));
    });
    await fc.assert(tried, { seed: 1, numRuns: RUNS });
    expect(seen.refusals).toBeLessThan(seen.verbs / 2);
    console.log(`${RUNS} sequences, ${seen.verbs} verbs, of which ${seen.refusals} were not asked`);
  });
});
