import { test } from "vitest";
import { TestCluster } from "../e2e/a-cluster.ts";
import { expectFewRequests } from "../e2e/few-requests.ts";

const cluster = new TestCluster({ hwm: 50 });

test("500 items of 100 KB in both directions take at most a fifth of a request each, or three per report", async () => {
  await expectFewRequests(cluster, 500);
});
