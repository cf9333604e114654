import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import * as v from "valibot";
import { cacheFolder, preferredCache } from "../folders/cache-folder.ts";
import { keepNewest } from "../folders/keep-newest.ts";
import { PACKAGE_ROOT } from "../folders/package-root.ts";
import { runCdkApp } from "./run-cdk-app.ts";
import { StackSeed } from "./stack-template.ts";

/** Maximum number of seeds in the cache. Each has a few megabytes of assets. */
const KEPT = 12;
const FILE = "stack.json";

/** The seed and the folder of its assets. */
export interface SeedAt {
  seed: StackSeed;
  folder: string;
}

/**
 * Returns the seed that stacks are derived from. The built package contains it; a checkout synthesizes it and caches it
 * under a hash of all its sources.
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
  // Skip the CDK's validation, which takes 40 % of the time: it matters only for deployment, and tests run it.
  await runCdkApp("seed-app", [fresh], { CDK_VALIDATION: "false" });
  try {
    renameSync(fresh, kept);
  } catch (error) {
    // Another process may have made the same seed first. If so, use that one.
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(join(kept, FILE))) throw error;
  }
  return kept;
}

/**
 * Returns a hash of everything that the template and its assets are made of: our sources and the versions of bundled
 * packages.
 */
function hashOfSources(): string {
  const hash = createHash("sha256");
  for (const file of sourceFiles()) hash.update(`\0${relative(PACKAGE_ROOT, file)}\0`).update(readFileSync(file));
  return hash.digest("hex").slice(0, 32);
}

function sourceFiles(): string[] {
  // Engines contain the client too, because tasks can submit tasks.
  const sources = ["cdk", "lambdas", "client"].flatMap((folder) =>
    readdirSync(join(PACKAGE_ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|js)$/.test(name) && !/\.d\.ts$|^(?:local[/\\](?!code|stack)|commands[/\\])/.test(name))
      .map((name) => join(PACKAGE_ROOT, folder, name)),
  );
  const manifest = [PACKAGE_ROOT, dirname(PACKAGE_ROOT)].map((folder) => join(folder, "package.json")).find(existsSync);
  return [...sources.sort(), ...(manifest === undefined ? [] : [manifest])];
}
