// `npm run docs`: writes the API reference to docs/api. TypeDoc needs a TypeScript older than version 7, whose command would clash with
// this package's own compiler, so both are installed in this folder on first use.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));

if (!isInstalled()) {
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  run(npm, "ci", "--no-audit", "--no-fund", "--loglevel=error");
}
run(process.execPath, join(here, "node_modules/typedoc/bin/typedoc"), "--options", join(here, "typedoc.json"));

/** Whether the versions that package.json lists are installed. */
function isInstalled() {
  const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
  return Object.entries(dependencies).every(([name, version]) => {
    const manifest = join(here, "node_modules", name, "package.json");
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version;
  });
}

/** Runs a command in this folder. If it fails, exits with its exit code. */
function run(command, ...argv) {
  const { status } = spawnSync(command, argv, { cwd: here, stdio: "inherit", shell: command === "npm.cmd" });
  if (status !== 0) process.exit(status ?? 1);
}
