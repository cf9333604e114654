import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { stackSeed } from "../../client/local/stack/stack-seed.ts";

const newFolder = () => mkdtempSync(join(tmpdir(), "fantail-synth-"));
/** The CDK occupies both processors for seconds. */
const LONG_MS = 120_000;

const before = process.env.FANTAIL_CACHE;
const cache = newFolder();
beforeAll(() => {
  process.env.FANTAIL_CACHE = cache;
  return () => {
    if (before === undefined) delete process.env.FANTAIL_CACHE;
    else process.env.FANTAIL_CACHE = before;
  };
});

/** Returns every file of the seed and its assets, by name. */
function contents(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return Object.fromEntries(
    files
      .filter((name) => statSync(join(folder, name)).isFile())
      .map((name) => [name, readFileSync(join(folder, name), "utf8")]),
  );
}

test("a kept seed equals a fresh one, with its bundles", { timeout: LONG_MS }, async () => {
  const kept = await stackSeed();
  const made = statSync(kept.folder).mtimeMs;
  expect(await stackSeed()).toEqual(kept);
  expect(statSync(kept.folder).mtimeMs).toBe(made);
  process.env.FANTAIL_CACHE = newFolder();
  const fresh = await stackSeed();
  process.env.FANTAIL_CACHE = cache;
  expect(fresh.folder).not.toBe(kept.folder);
  expect(contents(fresh.folder)).toEqual(contents(kept.folder));
  expect(Object.keys(contents(kept.folder)).some((name) => name.endsWith("worker.mjs"))).toBe(true);
});

test("the oldest of many seeds are deleted when another is made", { timeout: LONG_MS }, async () => {
  const other = newFolder();
  for (let age = 1; age <= 20; age++) {
    mkdirSync(join(other, `old-${age}`));
    utimesSync(join(other, `old-${age}`), 0, 1_000_000 - age);
  }
  process.env.FANTAIL_CACHE = other;
  const { folder } = await stackSeed();
  process.env.FANTAIL_CACHE = cache;
  const left = readdirSync(other);
  expect(left).toHaveLength(12);
  expect(left).toEqual(expect.arrayContaining([basename(folder), "old-1"]));
  expect(left).not.toContain("old-20");
});
