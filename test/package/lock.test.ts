import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

it("the lock is whole: npm ci takes it, on every platform", async () => {
  const folder = mkdtempSync(join(tmpdir(), "fantail-lock-"));
  try {
    for (const file of ["package.json", "package-lock.json", ".npmrc"]) cpSync(join(root, file), join(folder, file));
    // Before installing, npm checks the lock against the requirements of all packages, including those for other
    // platforms.
    const { stdout } = await promisify(execFile)("npm", ["ci", "--dry-run", "--ignore-scripts", "--offline"], {
      cwd: folder,
    });
    expect(stdout).toMatch(/added \d+ packages/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
