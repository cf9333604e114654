import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as v from "valibot";
import { expect, onTestFinished, test } from "vitest";

/** npm's advisories about the locked packages, from the configured registry. */

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const MINUTES_MS = 600_000;

const Audit = v.looseObject({
  vulnerabilities: v.record(v.string(), v.looseObject({ severity: v.string(), via: v.array(v.unknown()) })),
});

test("no package has a known vulnerability that is high or critical", async ({ skip }) => {
  // npm exits with an error if it finds something, but still prints its report to stdout.
  const { stdout, stderr } = await run("npm", ["audit", "--json"], { cwd: root }).catch(
    (error: { stdout: string; stderr: string }) => error,
  );
  const output: unknown = JSON.parse(stdout || "{}");
  const audit = v.safeParse(Audit, output);
  if (!audit.success) return skip(`the registry serves no audit: ${stderr.split("\n").find((line) => line !== "")}`);
  const severe = Object.entries(audit.output.vulnerabilities).filter(([, { severity }]) =>
    ["high", "critical"].includes(severity),
  );
  expect(severe).toEqual([]);
});

test("packages work without their install scripts", { timeout: MINUTES_MS }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "fantail-unscripted-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }), MINUTES_MS);
  const archive = join(folder, "source.tar");
  await run("git", ["archive", "--output", archive, "HEAD"], { cwd: root });
  await run("tar", ["xf", archive], { cwd: folder });
  const npm = ["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
  await run("npm", npm, { cwd: folder, maxBuffer: 64e6 });
  await run(process.execPath, [".scripts/ready.mjs"], { cwd: folder, maxBuffer: 64e6 });
  // Install scripts would fetch or build the binaries of LevelDB and esbuild. The examples run as built.
  const files = ["test/local/dynamodb.test.ts", "test/e2e/deployed.test.ts", "test/e2e/graphs.test.ts"];
  const { stdout } = await run("npx", ["vitest", "run", "--config", "test/vitest.config.ts", ...files], {
    cwd: folder,
    maxBuffer: 64e6,
  });
  expect(stdout).toMatch(/\n[1-9]\d* passed, 0 failed, 0 skipped/);
});
