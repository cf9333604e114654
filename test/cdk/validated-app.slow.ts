import { describe, expect, it } from "vitest";
import { APP, synthesize } from "./an-app.ts";

describe("the app", { timeout: 120_000 }, () => {
  it("the app passes the CDK's own validation, without network", async () => {
    const template = await synthesize("validated", APP);
    expect(template.Outputs.Pools.Value).toBe(
      JSON.stringify([{ name: "default", count: 4, memoryMb: 1769, timeoutSeconds: 900 }]),
    );
  });
});
