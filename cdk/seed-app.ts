import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { App, CfnElement } from "aws-cdk-lib";
import { SEED, type StackSeed } from "../client/local/stack/stack-template.ts";
import { FantailStack } from "./fantail-stack.ts";

/**
 * Runs when the package is built, and in a checkout whose sources have changed: `node dist/cdk/seed-app.js dist/stack`
 * writes `stack.json` and the assets that it names. The embedded cloud derives its stacks from these files, so that it
 * needs no CDK at run time.
 */
const [, , folder = "stack"] = process.argv;
mkdirSync(folder, { recursive: true });
const outdir = mkdtempSync(join(folder, "fresh-"));
const app = new App({ analyticsReporting: false, treeMetadata: false, outdir });
const stack = new FantailStack(app, SEED.stack, { fantail: { engines: [{ name: SEED.pool, count: 1 }] } });
const { Resources, Outputs, ...rest } = app.synth().getStackByName(SEED.stack).template;
const elements = stack.node.findAll().filter((construct) => CfnElement.isCfnElement(construct));
const paths = elements.map((element) => {
  const below = element.node.path.slice(stack.node.path.length + 1);
  return [String(stack.resolve(element.logicalId)), below] as const;
});
const seed: StackSeed = { rest, resources: Resources, outputs: Outputs, paths: Object.fromEntries(paths) };

const isAsset = (name: string) => name.startsWith("asset.");
const assets = readdirSync(outdir).filter(isAsset);
const before = readdirSync(folder).filter(isAsset);
// A cloud may be starting from the existing files: add the new assets, then replace `stack.json`, and delete the old
// assets last.
for (const name of assets) if (!before.includes(name)) renameSync(join(outdir, name), join(folder, name));
writeFileSync(join(outdir, "stack.json"), `${JSON.stringify(seed, undefined, 1)}\n`);
renameSync(join(outdir, "stack.json"), join(folder, "stack.json"));
for (const name of before) if (!assets.includes(name)) rmSync(join(folder, name), { recursive: true });
rmSync(outdir, { recursive: true });
