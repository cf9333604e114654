import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { census, totalsOf } from "../../examples/census.ts";
import { sourceFiles } from "../../examples/source-files.ts";
import { TestCluster } from "./a-cluster.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

describe("a map over real files equals the plain loop", () => {
  const cluster = new TestCluster();

  test("under vitest", async () => {
    const files = sourceFiles(`${root}node_modules`, 300, 200_000);
    expect(files).toHaveLength(300);
    const counted = await cluster.client.loadBalancedView().map(census, files);
    const expected = files.map(census);
    expect(totalsOf(counted)).toEqual(totalsOf(expected));
    expect(counted).toEqual(expected);
  }, 120_000);

  test.each([
    { under: "node, compiled", files: 300, args: ["dist/examples/file-census.js", "--limit", "300"] },
    { under: "tsx", files: 100, args: ["--import", "tsx", "examples/file-census.ts", "--limit", "100"] },
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
