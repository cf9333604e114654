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

/** Tests that a map over real files, and the example as each program, return the same as a plain loop. */
export function describeCensus(mapped: number, programs: readonly Program[]): void {
  describe(`a map over ${mapped} real files equals the plain loop`, () => {
    const cluster = new TestCluster();

    test("under vitest", async () => {
      const files = sourceFiles(`${root}node_modules`, mapped, 200_000);
      expect(files).toHaveLength(mapped);
      const counted = await cluster.client.loadBalancedView().map(census, files);
      const expected = files.map(census);
      expect(totalsOf(counted)).toEqual(totalsOf(expected));
      expect(counted).toEqual(expected);
    }, 120_000);

    test.each(programs)(
      "under $under",
      async ({ files, args }) => {
        const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: root });
        expect(stdout).toContain(`${files} files below`);
        expect(stdout).toContain(`checked: all ${files} results and the totals equal those of a plain loop`);
      },
      120_000,
    );
  });
}
