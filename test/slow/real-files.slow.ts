import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { census, totalsOf } from "../../examples/census.ts";
import { sourceFiles } from "../../examples/source-files.ts";
import { TestCluster } from "../e2e/a-cluster.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("a map over 2,000 real files equals the plain loop", () => {
  const cluster = new TestCluster();

  test("under vitest", async () => {
    const files = sourceFiles(`${root}node_modules`, 2000, 200_000);
    expect(files).toHaveLength(2000);
    const counted = await cluster.client.loadBalancedView().map(census, files);
    const expected = files.map(census);
    expect(totalsOf(counted)).toEqual(totalsOf(expected));
    expect(counted).toEqual(expected);
  }, 120_000);

  test.each([
    { under: "node, compiled", files: 2000, args: ["dist/examples/file-census.js"] },
    // Shipped as the same functions are from other text: fewer files show it.
    { under: "tsx", files: 300, args: ["--import", "tsx", "examples/file-census.ts", "--limit", "300"] },
  ])(
    "under $under",
    async ({ files, args }) => {
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
      expect(stdout).toContain(`${files} files below`);
      expect(stdout).toContain(`checked: all ${files} results and the totals equal those of a plain loop`);
    },
    120_000,
  );
});
