import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Runs vitest over these files. Returns the last line and the exit code. */
function runOver(files: Record<string, string>, options = ""): { last: string | undefined; status: number | null } {
  const { lines, status } = linesOver(files, options);
  return { last: lines.at(-1), status };
}

function linesOver(files: Record<string, string>, options = ""): { lines: string[]; status: number | null } {
  const folder = mkdtempSync(join(tmpdir(), "fantail-counts-"));
  try {
    symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
    const reporter = JSON.stringify(join(root, "test/counts-reporter.ts"));
    writeFileSync(
      join(folder, "vitest.config.ts"),
      `import { CountsReporter } from ${reporter}; export default { test: { reporters: ["default", new CountsReporter(${options})] } };`,
    );
    mkdirSync(join(folder, "test"));
    for (const [name, text] of Object.entries(files))
      writeFileSync(join(folder, "test", name), `import { expect, it } from "vitest";\n${text}\n`);
    const { stdout, status } = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run"], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env.PATH, FORCE_COLOR: "1" },
    });
    return { lines: stdout.trimEnd().split("\n"), status };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const passing = 'it("passes", () => expect(1).toBe(1));';

it("a run ends with its counts on a plain line", () => {
  expect(runOver({ "a.test.ts": passing, "b.test.ts": passing })).toEqual({
    last: "2 passed, 0 failed, 0 skipped",
    status: 0,
  });
});

it("failed and skipped tests, files that do not load, and errors that nobody caught are all counted", () => {
  expect(
    runOver({
      "a.test.ts": `${passing} it("fails", () => expect(1).toBe(2)); it.skip("is skipped", () => {});`,
      "b.test.ts": 'throw new Error("does not load");',
      "c.test.ts": `it("leaves an error behind", () => { void Promise.reject(new Error("uncaught")); });`,
    }),
  ).toEqual({ last: "2 passed, 3 failed, 1 skipped", status: 1 });
});

it("a run without tests is no success", () => {
  expect(runOver({ "a.test.ts": "expect(1).toBe(1);" })).toEqual({ last: "0 passed, 1 failed, 0 skipped", status: 1 });
});

it("a run in which all tests were skipped succeeds only if that is allowed", () => {
  const files = { "a.test.ts": 'it.skip("is skipped", () => {});' };
  expect(runOver(files).last).toBe("0 passed, 1 failed, 1 skipped");
  expect(runOver(files, "{ mayBeSkipped: true }")).toEqual({ last: "0 passed, 0 failed, 1 skipped", status: 0 });
});

it("a test that passed only on retry is listed", () => {
  const unsteady = 'let tries = 0; it("wavers", { retry: 1 }, () => expect(++tries).toBe(2));';
  const { lines, status } = linesOver({ "a.test.ts": `${passing} ${unsteady}` });
  expect(lines).toContain("passed only on retry: test/a.test.ts > wavers: expected 1 to be 2 // Object.is equality");
  expect([lines.at(-1), status]).toEqual(["2 passed, 0 failed, 0 skipped", 0]);
});

it("each try of a failed test is listed with the first lines of its error", () => {
  const failing = `let tries = 0; it("fails", { retry: 1 }, () => {
    throw new Error("\\u001b[2mtry " + ++tries + "\\u001b[22m\\n  two elements\\n" + "line\\n".repeat(100));
  });`;
  const { lines } = linesOver({ "a.test.ts": failing });
  const rest = "two elements | line | line | line | line";
  expect(lines).toContain(`failed: test/a.test.ts > fails: try 1 | ${rest}`);
  expect(lines).toContain(`failed: test/a.test.ts > fails: try 2 | ${rest}`);
});
