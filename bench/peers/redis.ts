import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { REDIS_FOLDER } from "./peer-folders.ts";

const run = promisify(execFile);
const UNPACKED = join(REDIS_FOLDER, "usr", "bin", "redis-server");

/** Returns the system's redis-server, or the one unpacked from Debian's packages. */
export function redisCommand(): { file: string; env: NodeJS.ProcessEnv } {
  if (hasOwnRedis()) return { file: "redis-server", env: process.env };
  const libraries = readdirSync(join(REDIS_FOLDER, "usr", "lib"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name.includes(".so"))
    .map((entry) => entry.parentPath);
  return { file: UNPACKED, env: { ...process.env, LD_LIBRARY_PATH: [...new Set(libraries)].join(":") } };
}

/** Returns the version of the redis-server, such as `7.0.15`. */
export function redisVersion(): string {
  const { file, env } = redisCommand();
  const { stdout } = spawnSync(file, ["--version"], { env, encoding: "utf8" });
  return /\bv=(\S+)/.exec(stdout)?.[1] ?? "unknown";
}

/**
 * Makes a redis-server available. If the system has none, unpacks Debian's package and its missing dependencies into a
 * folder of this checkout, without installing them.
 */
export async function installRedis(): Promise<void> {
  if (hasOwnRedis() || existsSync(UNPACKED)) return;
  const fresh = `${REDIS_FOLDER}-fresh`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  const { stdout } = await run("apt-get", ["--simulate", "--no-install-recommends", "install", "redis-server"]);
  const packages = [...stdout.matchAll(/^Inst (\S+)/gm)].flatMap(([, name]) => name ?? []);
  await run("apt-get", ["download", ...packages], { cwd: fresh });
  for (const file of readdirSync(fresh)) await run("dpkg-deb", ["--extract", file, "."], { cwd: fresh });
  rmSync(REDIS_FOLDER, { recursive: true, force: true });
  renameSync(fresh, REDIS_FOLDER);
}

function hasOwnRedis(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}
