import { expect, test } from "vitest";
import type { ContractCluster } from "./contract-cluster.ts";
import { trespass } from "./trespass.ts";

/** What a task may do with its engine's role, on clouds that enforce policies. */
export function privilegeScenarios(cluster: ContractCluster): void {
  test("a task may use its engine's role for new blobs, and for nothing else", async ({ skip }) => {
    const view = await cluster.view();
    const { scheduler, taskTable, engineTable, blobBucket } = cluster.connection;
    const ends = await view.apply(trespass, { scheduler, taskTable, engineTable, blobBucket });
    if (!ends) {
      console.warn("\nSKIPPED: what a hostile task may do: the engines are no Linux processes\n");
      skip("the engines are no Linux processes");
    }
    expect(ends).toEqual({
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
  });
}
