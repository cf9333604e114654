import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { ContractCluster } from "./contract-cluster.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

const TASKS = 2_000;

/** Measures a deployed cluster, and runs the main example on it with the README's command. */
export function startScenario(cluster: ContractCluster): void {
  test(`a map of ${TASKS} no-ops is measured in its second run`, { timeout: 120_000 }, async () => {
    const view = await cluster.view();
    const inputs = Array.from({ length: TASKS }, (_, index) => index);
    await view.map((x: number) => x, inputs);
    const begun = performance.now();
    expect(await view.map((x: number) => x, inputs)).toEqual(inputs);
    const seconds = (performance.now() - begun) / 1000;
    console.log(`${TASKS} no-ops took ${seconds.toFixed(2)} s: ${Math.round(TASKS / seconds)} tasks/s`);
  });

  test("npm start counts 2,000 files on the cluster, and the totals equal those of a plain loop", {
    timeout: 600_000,
  }, async () => {
    const { endpoint = "", stack = "" } = cluster.cloud.address;
    const { stdout } = await promisify(execFile)(
      "npm",
      ["start", "--", "--endpoint", endpoint, "--stack", stack, "--pool", "default"],
      {
        cwd: ROOT,
      },
    );
    console.log(stdout);
    expect(stdout).toContain("checked: all 2000 results and the totals equal those of a plain loop");
  });
}
