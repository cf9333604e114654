import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const MINUTES_MS = 900_000;

it("npm run docs makes the API reference of all four entries without a warning", { timeout: MINUTES_MS }, ({
  skip,
}) => {
  rmSync(join(root, "docs/api"), { recursive: true, force: true });
  const made = spawnSync(process.execPath, [join(root, ".scripts/reference/make.mjs")], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  const said = `${made.stdout}${made.stderr}`;
  if (/npm error (?:code E(?!USAGE|JSONPARSE)|network)/.test(said)) skip(`TypeDoc could not be installed: ${said}`);
  expect(said).not.toMatch(/\[(?:warning|error)\]/);
  expect(made.status).toBe(0);
  const index = readFileSync(join(root, "docs/api/index.html"), "utf8");
  for (const entry of ["client", "client/task", "client/local", "cdk"]) expect(index).toContain(`>${entry}<`);
  expect(existsSync(join(root, "docs/api/classes/client.AsyncResult.html"))).toBe(true);
});
