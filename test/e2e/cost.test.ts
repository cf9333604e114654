import { describe, expect, test } from "vitest";
import { TestCluster } from "./a-cluster.ts";

const cluster = new TestCluster({});

describe("cost", () => {
  test("another process sees the cost of a job, without the submitting client's own calls", async () => {
    const { cloud, client } = cluster;
    const result = client.loadBalancedView().map(
      (x: number) => -x,
      Array.from({ length: 100 }, (_, at) => at),
    );
    await result;
    const own = await result.cost();
    const other = await import("../../client/index.ts").then(({ Client }) =>
      Client.connect({ urlFile: cloud.urlFile }),
    );
    try {
      const theirs = await other.getResult(result.jobId).cost();
      expect(theirs.compute).toBeGreaterThan(0);
      expect(theirs.tables).toBeGreaterThan(0);
      expect(theirs.requests).toBeLessThan(own.requests + 1e-12);
    } finally {
      await other.close();
    }
  });
});
