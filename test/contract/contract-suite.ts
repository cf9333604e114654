import { describe } from "vitest";
import type { ContractTarget } from "./contract-cloud.ts";
import { ContractCluster } from "./contract-cluster.ts";
import { dashboardScenario } from "./dashboard-scenario.ts";
import { failureScenarios } from "./failure-scenarios.ts";
import { lossScenarios } from "./loss-scenarios.ts";
import { privilegeScenarios } from "./privilege-scenarios.ts";
import { taskScenarios } from "./task-scenarios.ts";

/**
 * Registers the contract: the tests that must pass on every cloud. If the cloud is unavailable, each test is skipped
 * and the reason is printed; so are tests that need a feature that this cloud lacks.
 *
 * @param besides registers tests for this cloud only
 */
export async function contractSuite(
  target: ContractTarget,
  besides: (cluster: ContractCluster) => void = () => {},
): Promise<void> {
  const missing = await target.missing();
  if (missing !== undefined) console.warn(`\nSKIPPED: the contract on ${target.name}: ${missing}\n`);
  else if (!target.enforcesPolicies) console.warn(`\nSKIPPED: ${target.name} evaluates no policies\n`);
  describe.skipIf(missing !== undefined)(`the contract on ${target.name}`, () => {
    const cluster = new ContractCluster(target);
    const timeout = 40_000 * cluster.patience;
    describe("tasks", { timeout }, () => taskScenarios(cluster));
    describe("the dashboard", { timeout }, () => dashboardScenario(cluster));
    describe("failures", { timeout }, () => failureScenarios(cluster));
    describe("lost and refused calls", { timeout }, () => lossScenarios(cluster));
    describe.skipIf(!target.enforcesPolicies)("privileges", { timeout }, () => privilegeScenarios(cluster));
    besides(cluster);
  });
}
