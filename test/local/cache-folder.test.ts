import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cacheFolder } from "../../client/local/folders/cache-folder.ts";

const { TMPDIR, FANTAIL_CACHE } = process.env;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fantail-test-"));
  process.env.TMPDIR = join(folder, "tmp");
  mkdirSync(process.env.TMPDIR);
});
afterEach(() => {
  Object.assign(process.env, { TMPDIR, FANTAIL_CACHE });
  for (const [name, value] of Object.entries({ TMPDIR, FANTAIL_CACHE }))
    if (value === undefined) delete process.env[name];
  rmSync(folder, { recursive: true, force: true });
});

/** Returns a path at which nobody, not even root, can create a folder. */
function impossible(): string {
  const file = join(folder, "file");
  writeFileSync(file, "");
  return join(file, "cache");
}

const modeOf = (path: string) => statSync(path).mode & 0o777;

test("a writable cache folder is used", () => {
  process.env.FANTAIL_CACHE = join(folder, "a", "b");
  expect(cacheFolder()).toBe(join(folder, "a", "b"));
});

test("an unwritable cache folder is replaced by a private temporary folder, the same each time", () => {
  process.env.FANTAIL_CACHE = impossible();
  const cache = cacheFolder();
  expect(dirname(dirname(cache))).toBe(process.env.TMPDIR);
  expect(modeOf(dirname(cache))).toBe(0o700);
  expect(cacheFolder()).toBe(cache);
});

test("a temporary folder that others can write to is not used as the cache", () => {
  process.env.FANTAIL_CACHE = impossible();
  const planted = dirname(cacheFolder());
  chmodSync(planted, 0o777);
  expect(dirname(cacheFolder())).not.toBe(planted);
  expect(modeOf(dirname(cacheFolder()))).toBe(0o700);
});
