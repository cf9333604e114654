import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as v from "valibot";
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

const Lock = v.object({
  packages: v.record(
    v.string(),
    v.object({ integrity: v.optional(v.string()), inBundle: v.optional(v.boolean()), link: v.optional(v.boolean()) }),
  ),
});

it("every package that npm fetches has a hash in the lock", () => {
  const { packages } = v.parse(Lock, JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")));
  // A package in the bundle of another one comes with it.
  const fetched = Object.entries(packages).filter(([path, { inBundle, link }]) => path !== "" && !inBundle && !link);
  expect(fetched.length).toBeGreaterThan(100);
  expect(fetched.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")).map(([path]) => path)).toEqual([]);
});

it("packages for development are pinned to exact versions", () => {
  const { devDependencies } = v.parse(
    v.object({ devDependencies: v.record(v.string(), v.string()) }),
    JSON.parse(readFileSync(join(root, "package.json"), "utf8")),
  );
  expect(Object.values(devDependencies).filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});
