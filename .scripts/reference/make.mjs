// `npm run docs`: the API reference, into docs/api. TypeDoc needs a compiler before version 7, whose command has the name of the package's own;
// so both are installed here, apart, when they are first needed.
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

/** Whether the versions that package.json names are there. */
function isInstalled() {
  const { dependencies } = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
  return Object.entries(dependencies).every(([name, version]) => {
    const manifest = join(here, "node_modules", name, "package.json");
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version;
  });
}

/** Runs a command in this folder, and ends with it if it fails. */
function run(command, ...argv) {
  const { status } = spawnSync(command, argv, { cwd: here, stdio: "inherit", shell: command === "npm.cmd" });
  if (status !== 0) process.exit(status ?? 1);
}
