import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { departures } from "./departures.ts";
import type { FidelityCloud, FidelityTarget } from "./fidelity-cloud.ts";
import { probes } from "./probes/index.ts";

/** Registers one test for each row of a cloud's column, and records what was observed. */
export async function fidelitySuite(target: FidelityTarget): Promise<void> {
  const missing = await target.missing();
  if (missing !== undefined) console.warn(`\nSKIPPED: the fidelity of ${target.name}: ${missing}\n`);
  describe.skipIf(missing !== undefined)(`the fidelity of ${target.name}`, { timeout: 300_000 }, () => {
    const expected = departures[target.column];
    let cloud: FidelityCloud | undefined;
    beforeAll(async () => {
      cloud = await target.start();
      for (const { begin } of probes) await begin?.(cloud);
    }, 300_000);
    afterAll(async () => {
      await cloud?.stop();
    }, 60_000);
    for (const { row, aws, observe } of probes)
      test(row, async ({ task }) => {
        if (!cloud) throw new Error("the cloud has not started");
        const text = await observe(cloud);
        task.meta.cell = { column: target.column, row, text };
        // A cloud that was never run before has nothing to compare with, so its column is only reported.
        if (expected && !(await target.isOnlyReported?.(row))) expect(text).toBe(expected[row] ?? aws);
      });
  });
}
