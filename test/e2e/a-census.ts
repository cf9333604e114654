import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { census, totalsOf } from "../../examples/census.ts";
import { sourceFiles } from "../../examples/source-files.ts";
import { TestCluster } from "./a-cluster.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** A run of the example as a program, and how many files it must count. */
interface Program {
  under: string;
  files: number;
  args: string[];
}

/** Tests that a map over real files returns the same as a plain loop. */
export function describeCensus(mapped: number): void {
  describe(`a map over ${mapped} real files equals the plain loop`, () => {
    const cluster = new TestCluster();

    test("the map equals the plain loop under vitest", async () => {
      const files = sourceFiles(`${root}node_modules`, mapped, 200_000);
      expect(files).toHaveLength(mapped);
      const counted = await cluster.client.loadBalancedView().map(census, files);
      const expected = files.map(census);
      expect(totalsOf(counted)).toEqual(totalsOf(expected));
      expect(counted).toEqual(expected);
    }, 120_000);
  });
}

/** Tests that the example, as each program, returns the same as a plain loop. */
export function describePrograms(programs: readonly Program[]): void {
  describe("the example that counts real files equals the plain loop", () => {
    test.each(programs)(
      "the map equals the plain loop under $under",
      async ({ files, args }) => {
        const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
        expect(stdout).toContain(`${files} files below`);
        expect(stdout).toContain(`checked: all ${files} results and the totals equal those of a plain loop`);
      },
      120_000,
    );
  });
}
