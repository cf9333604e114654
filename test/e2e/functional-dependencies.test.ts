import { ulid } from "ulid";
import { describe, expect, test } from "vitest";
import { requires } from "../../client/index.ts";
import { task } from "../../client/task.ts";
import { TestCluster } from "./a-cluster.ts";

const cluster = new TestCluster({
  pools: [
    { name: "plain", count: 1 },
    // From this project's own folder, as a registry may be out of reach where tests run.
    { name: "rich", count: 1, modules: ["file:node_modules/ulid"] },
  ],
});
const view = (flags = {}) => cluster.client.loadBalancedView(flags);

describe("a pool's modules", () => {
  test("are what a task finds on its engines, and nowhere else", async () => {
    const fn = requires("ulid")(() => [ulid(1).slice(0, 10), task().engineName]);
    expect(await view({ targets: "rich" }).apply(fn)).toEqual(["0000000001", expect.stringMatching(/^rich/)]);
    await expect(view({ targets: "plain" }).apply(fn)).rejects.toMatchObject({
      code: expect.stringMatching(/^(UnmetDependency|ImpossibleDependency)$/),
    });
  });
});
