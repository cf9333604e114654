import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { ContractCluster } from "./contract-cluster.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The main job, by the command of the README, on a cluster that is deployed at an endpoint. */
export function startScenario(cluster: ContractCluster): void {
  test("npm start counts 2,000 files there, and the sums equal those of a plain loop", {
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
