import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import * as v from "valibot";
import { cacheFolder, preferredCache } from "../cache-folder.ts";
import { keepNewest } from "../keep-newest.ts";
import { PACKAGE_ROOT } from "../package-root.ts";
import { runCdkApp } from "../run-cdk-app.ts";
import { StackSeed } from "./stack-template.ts";

/** Seeds kept for a checkout; each comes with its assets, some megabytes. */
const KEPT = 12;
const FILE = "stack.json";

/** The seed, and where its assets lie. */
export interface SeedAt {
  seed: StackSeed;
  folder: string;
}

/**
 * What stacks are derived from. The built package holds it; a checkout that runs from source has the construct describe it, and keeps
 * that, named after everything it is made of.
 */
export async function stackSeed(): Promise<SeedAt> {
  const folder = await seedFolder();
  return { seed: v.parse(StackSeed, JSON.parse(readFileSync(join(folder, FILE), "utf8"))), folder };
}

async function seedFolder(): Promise<string> {
  const built = join(PACKAGE_ROOT, "stack");
  if (existsSync(join(built, FILE))) return built;
  const name = hashOfSources();
  const earlier = join(preferredCache(), name);
  if (existsSync(join(earlier, FILE))) return earlier;
  const cache = cacheFolder();
  const kept = join(cache, name);
  if (existsSync(join(kept, FILE))) return kept;
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  keepNewest(cache, KEPT - 1);
  const fresh = await mkdtemp(join(cache, "fresh-"));
  // The CDK's checks of a template take two fifths of a synthesis. They are for what is deployed, and tests make them.
  await runCdkApp("seed-app", [fresh], { CDK_VALIDATION: "false" });
  try {
    renameSync(fresh, kept);
  } catch (error) {
    // Somebody else was first, with the same.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(join(kept, FILE))) throw error;
  }
  return kept;
}

/** Everything that the template and its assets are made of: our sources, the versions of what is bundled. */
function hashOfSources(): string {
  const hash = createHash("sha256");
  for (const file of sourceFiles()) hash.update(`\0${relative(PACKAGE_ROOT, file)}\0`).update(readFileSync(file));
  return hash.digest("hex").slice(0, 32);
}

function sourceFiles(): string[] {
  // The client is inside of engines too: as the view of a task.
  const sources = ["cdk", "lambdas", "client"].flatMap((folder) =>
    readdirSync(join(PACKAGE_ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|js)$/.test(name) && !/\.d\.ts$|^(?:local[/\\](?!code|stack)|commands[/\\])/.test(name))
      .map((name) => join(PACKAGE_ROOT, folder, name)),
  );
  const manifest = [PACKAGE_ROOT, dirname(PACKAGE_ROOT)].map((folder) => join(folder, "package.json")).find(existsSync);
  return [...sources.sort(), ...(manifest === undefined ? [] : [manifest])];
}
