import { describe, expect, it } from "vitest";
import { APP, synthesize } from "./an-app.ts";

const cli = ["node_modules/aws-cdk/bin/cdk", "synth", "--quiet", "--no-notices", "--output", "OUTDIR"];

describe("the app", { timeout: 120_000 }, () => {
  it("the app passes the CDK's own validation, without network", async () => {
    const template = await synthesize("validated", APP);
    expect(template.Outputs.Pools.Value).toBe(
      JSON.stringify([{ name: "default", count: 4, memoryMb: 1769, timeoutSeconds: 900 }]),
    );
  });

  it("the app synthesizes the same template without network by itself and by the CDK's CLI", async () => {
    const [alone, byCli] = await Promise.all([
      synthesize("alone", APP, { CDK_VALIDATION: "false" }),
      synthesize("cli", cli, { CDK_VALIDATION: "false" }),
    ]);
    expect(alone.Outputs.Pools.Value).toBe(
      JSON.stringify([{ name: "default", count: 4, memoryMb: 1769, timeoutSeconds: 900 }]),
    );
    expect(byCli).toEqual(alone);
  });
});
