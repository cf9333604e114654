// Run by npm before and after it packs. What is published has none of the manifest's fields that are of use in a checkout only:
// `prepare` above all would build, without a compiler, where the package is installed from a folder or a git host.
//   node .scripts/published-manifest.mjs            keeps package.json aside and strips it
//   node .scripts/published-manifest.mjs --restore  puts it back
import { copyFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Fields of the manifest that only a checkout needs. */
const OF_THE_CHECKOUT = ["scripts", "devDependencies", "allowScripts"];

const root = fileURLToPath(new URL("..", import.meta.url));
const manifest = join(root, "package.json");
/** Also left by a pack that broke off: then it is what package.json should be. */
const kept = join(root, "package.json.kept");

if (existsSync(kept)) renameSync(kept, manifest);
if (!process.argv.includes("--restore")) {
  const fields = Object.entries(JSON.parse(readFileSync(manifest, "utf8")));
  copyFileSync(manifest, kept);
  const published = Object.fromEntries(fields.filter(([name]) => !OF_THE_CHECKOUT.includes(name)));
  writeFileSync(manifest, `${JSON.stringify(published, undefined, 2)}\n`);
}
