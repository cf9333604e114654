// `npm run build`: TypeScript to dist, with types. The stamp dist/.built tells ready.mjs when it was whole.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const stamp = join(dist, ".built");
const begun = new Date();

rmSync(stamp, { force: true });
const tsc = join(root, "node_modules/typescript/bin/tsc");
const { status } = spawnSync(process.execPath, [tsc, "-p", join(root, ".scripts/build.tsconfig.json")], {
  cwd: root,
  stdio: "inherit",
});
if (status !== 0) process.exit(1);

removeOutputWithoutSource();
const cli = join(dist, "client/commands/cli.js");
if (existsSync(cli)) chmodSync(cli, 0o755);
mkdirSync(dist, { recursive: true });
writeFileSync(stamp, "");
// The time at which the build began: what was edited since then is not in it.
utimesSync(stamp, begun, begun);

/** Emptying dist instead would pull the files from under whatever runs from there. */
function removeOutputWithoutSource() {
  if (!existsSync(dist)) return;
  for (const name of readdirSync(dist, { recursive: true })) {
    const source = String(name).replace(/\.(?:d\.ts|js\.map|js)$/, ".ts");
    if (source !== name && !existsSync(join(root, source))) rmSync(join(dist, String(name)));
  }
}
