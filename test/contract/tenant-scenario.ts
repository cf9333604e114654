import { expect, test } from "vitest";
import { findStack } from "../../client/cluster/find-stack.ts";
import { Client } from "../../client/index.ts";
import { deploy } from "./cdk-cli.ts";
import type { ContractCluster } from "./contract-cluster.ts";
import { EMULATOR } from "./endpoint-target.ts";
import { trespass } from "./trespass.ts";

const STACK = "FantailTenants";
const TENANTS = ["alice", "bob"];

/**
 * Deploys a stack with tenants beside the contract's, and tests what one tenant's engines may do to another's
 * resources.
 */
export function tenantScenario(cluster: ContractCluster): void {
  test("in a stack with tenants, no engine can access another tenant's resources", { timeout: 600_000 }, async () => {
    const { endpoint = "", region } = cluster.cloud.address;
    const props = { engines: [{ name: "default", count: 1 }], tenants: TENANTS };
    await deploy({ stack: STACK, endpoint, env: EMULATOR.env, props });
    const [alice, bob] = await Promise.all(
      TENANTS.map((tenant) => Client.connect({ stack: STACK, tenant, endpoint, region })),
    );
    if (!alice || !bob) throw new Error("there are two tenants");
    try {
      const hers = alice.loadBalancedView().map((x: number) => x + 1, [1, 2, 3]);
      expect(await hers).toEqual([2, 3, 4]);
      await expect(bob.getResult(hers.taskIds)).rejects.toMatchObject({ code: "UnknownTask" });
      const names = await findStack({ stack: STACK, tenant: "alice", region, endpoint, awsProfile: undefined });
      const { scheduler, taskTable, engineTable, blobBucket } = names;
      const ends = await bob.loadBalancedView().apply(trespass, { scheduler, taskTable, engineTable, blobBucket });
      if (!ends) throw new Error("the engines are no Linux processes");
      expect(Object.entries(ends).filter(([, end]) => end !== "denied")).toEqual([]);
    } finally {
      await Promise.all([alice.close(), bob.close()]);
    }
  });
}
