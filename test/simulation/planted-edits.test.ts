import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { edited } from "./edited-simulation.ts";
import { PLANTED_EDITS } from "./planted-edits.ts";
import { cutArguments, shrinkRun } from "./shrink-run.ts";

const ROOT = new URL("../../", import.meta.url);

test("each planted edit changes its file in exactly one place", () => {
  for (const edit of PLANTED_EDITS) {
    const source = readFileSync(new URL(edit.file, ROOT), "utf8");
    expect(edited(source, edit)).not.toBe(source);
  }
});

test("an edit whose text is not in its file is refused", () => {
  expect(() => edited("a b b", { file: "a.ts", from: "b", to: "c" })).toThrow('a.ts contains "b" 2 times, not once');
});

test("a failing run is made smaller as long as it fails in the same way", async () => {
  const cut = await shrinkRun(
    async ({ without, jobs = 9, tasks = 9 }) =>
      !without.includes("kill") && jobs >= 2 && tasks >= 3 ? ["job 17 was closed early"] : [],
    ["job 4 was closed early"],
  );
  expect(cut.without).not.toContain("kill");
  expect(cut.without).toContain("stall");
  expect(cutArguments(cut)).toMatch(/ --at-most-jobs 2 --at-most-tasks 3$/);
});
