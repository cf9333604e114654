import { createHash } from "node:crypto";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import type { ClusterSettings } from "../../../lambdas/protocol/cluster-settings.ts";
import { bundleFunctions } from "../code/bundle-functions.ts";
import { THIS_MACHINE } from "../code/install-modules.ts";
import { addToBundle, engineBundle, schedulerBundle, writeBundle } from "../code/write-bundle.ts";
import { deriveStack } from "./derive-stack.ts";
import { type SeedAt, stackSeed } from "./stack-seed.ts";
import { SEED, type StackSeed } from "./stack-template.ts";

/**
 * Writes the template that the construct would produce from these settings for this machine, with its assets beside it.
 * The installed package does not need the CDK for this; a checkout does, to synthesize the template that all others are
 * derived from.
 *
 * Custom schemes and deployed functions are bundled every time, since they may import anything.
 *
 * @param folder folder in which to make a folder for the template
 * @returns path of the template's file
 * @throws InvalidFlag for settings that the construct would reject; ClusterError if a checkout lacks the CDK
 */
export async function synthesize(settings: ClusterSettings, folder: string): Promise<string> {
  const { seed, folder: from } = await stackSeed();
  const out = join(folder, "cdk.out");
  mkdirSync(out, { recursive: true });
  const { engines, scheme } = settings;
  const functions =
    settings.functions === undefined
      ? undefined
      : bundleFunctions(
          settings.functions,
          engines.flatMap(({ modules = [] }) => modules),
        );
  const ownScheme = typeof scheme === "string" ? undefined : scheme;
  const code: { scheduler?: string; engines: Map<string, string> } = { engines: new Map() };
  if (ownScheme === undefined && functions === undefined) copyAsset({ seed, folder: from }, "index.scheduler", out);
  else {
    const bundle = schedulerBundle(ownScheme, functions?.names);
    code.scheduler = asset(out, bundle, (directory) => writeBundle(bundle, directory));
  }
  for (const { name, modules = [] } of engines) {
    const engine = copyAsset({ seed, folder: from }, "index.engine", out);
    if (functions === undefined && modules.length === 0) continue;
    const bundle = engineBundle(functions?.text, modules, THIS_MACHINE);
    const key = asset(out, [engine, bundle], (directory) => {
      cpSync(engine, directory, { recursive: true });
      addToBundle(bundle, directory);
    });
    code.engines.set(name, key);
  }
  const template = join(out, `${SEED.stack}.template.json`);
  writeFileSync(template, JSON.stringify(deriveStack(seed, settings, code), undefined, 1));
  return template;
}

/** Creates an asset's folder unless it exists. Returns the asset's key in the template. */
function asset(out: string, madeOf: unknown, make: (directory: string) => void): string {
  const name = createHash("sha256").update(JSON.stringify(madeOf)).digest("hex");
  const directory = join(out, `asset.${name}`);
  // mkdirSync returns undefined if the folder exists.
  if (mkdirSync(directory, { recursive: true }) !== undefined) make(directory);
  return `${name}.zip`;
}

/** Copies the seed's code that contains this handler to `out`. Returns the path of the copy. */
function copyAsset({ seed, folder }: SeedAt, handler: string, out: string): string {
  const name = `asset.${keyOf(seed, handler).replace(/\.zip$/, "")}`;
  cpSync(join(folder, name), join(out, name), { recursive: true });
  return join(out, name);
}

const StoredCode = v.object({ S3Key: v.string() });

function keyOf({ resources }: StackSeed, handler: string): string {
  const found = Object.values(resources).find(({ Properties }) => Properties.Handler === handler);
  return v.parse(StoredCode, found?.Properties.Code).S3Key;
}
