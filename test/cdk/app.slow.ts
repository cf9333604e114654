import { describe, expect, it } from "vitest";
import { APP, synthesize } from "./an-app.ts";

/** Keeps the CDK from validating the template, which takes 5 seconds: `validated-app.slow.ts` has it validate. */
const UNVALIDATED = { CDK_VALIDATION: "false" };
// Each test starts the CDK, in a process that shares the machine with other tests.
describe("the app", { timeout: 120_000 }, () => {
  it("the app takes the props of the cluster from a variable, and the stack's name from the context", async () => {
    const engines = [{ name: "mine", count: 7, memoryMb: 512, timeoutSeconds: 30 }];
    const template = await synthesize(
      "props",
      APP,
      {
        FANTAIL_CDK_PROPS: JSON.stringify({ engines, scheme: "lru", hwm: 1 }),
        ...UNVALIDATED,
        CDK_CONTEXT_JSON: JSON.stringify({ stack: "Other" }),
      },
      "Other",
    );
    expect(JSON.parse(template.Outputs.Pools.Value)).toEqual(engines);
    expect(template.Outputs.Scheme.Value).toBe("lru");
    expect(template.Outputs.Hwm.Value).toBe("1");
  });

  it("the app rejects invalid props by name", async () => {
    const engines = [{ name: "mine", count: 0 }];
    await expect(synthesize("bad", APP, { FANTAIL_CDK_PROPS: JSON.stringify({ engines }) })).rejects.toThrow(
      "flag engines[0].count: must be a whole number from 1 to 100000",
    );
  });
});
