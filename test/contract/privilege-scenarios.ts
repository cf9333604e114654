import { expect, test } from "vitest";
import type { ContractCluster } from "./contract-cluster.ts";
import { trespass } from "./trespass.ts";

/** What a task may do of itself, where the cloud evaluates policies. */
export function privilegeScenarios(cluster: ContractCluster): void {
  // The file is Linux's, as Lambda's engines are.
  test.skipIf(process.platform !== "linux")(
    "a task may use its engine's role for new blobs, and for nothing else",
    async () => {
      const view = await cluster.view();
      const { scheduler, taskTable, engineTable, blobBucket } = cluster.connection;
      expect(await view.apply(trespass, { scheduler, taskTable, engineTable, blobBucket })).toEqual({
        "reads tasks": "denied",
        "writes engines": "denied",
        "asks the scheduler": "denied",
        "lists blobs": "denied",
        "deletes a blob": "denied",
        "reads what is no blob": "denied",
        "writes what is no blob": "denied",
        "writes over blobs": "denied",
        "writes a new blob": "allowed",
      });
    },
  );
}
