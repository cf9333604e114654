// Run by npm before and after packing. The published manifest lacks the fields that only a checkout needs: `prepare`, above all,
// would try to build, without a compiler, where the package is installed from a folder or a git host.
//   node .scripts/published-manifest.mjs            saves package.json and strips it
//   node .scripts/published-manifest.mjs --restore  restores it
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Fields of the manifest that only a checkout needs. */
const OF_THE_CHECKOUT = ["scripts", "devDependencies", "allowScripts"];

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = join(root, "package.json");
/**
 * The saved manifest. If an earlier pack was interrupted, this file is still there and holds the original package.json.
 */
const kept = join(root, "package.json.kept");

if (existsSync(kept)) renameSync(kept, manifest);
if (!process.argv.includes("--restore")) {
  const fields = Object.entries(JSON.parse(readFileSync(manifest, "utf8")));
  copyFileSync(manifest, kept);
  const published = Object.fromEntries(fields.filter(([name]) => !OF_THE_CHECKOUT.includes(name)));
  writeFileSync(manifest, `${JSON.stringify(published, undefined, 2)}\n`);
}
