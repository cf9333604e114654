import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { isLocalPackage } from "../../../lambdas/protocol/cluster-settings.ts";
import { InvalidFlag } from "../../../lambdas/protocol/errors.ts";
import { cacheFolder } from "../folders/cache-folder.ts";
import { keepNewest } from "../folders/keep-newest.ts";

/**
 * Largest total size of the modules, in bytes. Lambda allows 250 MB of unpacked code per function, and the engine takes
 * some of that.
 */
const MAX_BYTES = 245_000_000;
/** Maximum duration of an installation by npm, in milliseconds. */
const NPM_MS = 300_000;
/** Maximum number of installations in the cache. */
const KEPT = 12;

/** The platform of the engines, for packages with platform-specific builds. */
export interface Machine {
  os: string;
  cpu: string;
  /** The C library; absent if the packages are for this machine. */
  libc?: "glibc";
}

/** The platform of the embedded cloud's functions, whatever the pools' architecture. */
export const THIS_MACHINE: Machine = { os: process.platform, cpu: process.arch };

/** Returns Lambda's platform, for packages with platform-specific builds. */
export function machineOf(architecture: "arm64" | "x86_64"): Machine {
  return { os: "linux", cpu: architecture === "arm64" ? "arm64" : "x64", libc: "glibc" };
}

/**
 * Installs npm packages and their dependencies into `node_modules` of a folder. Install scripts do not run, since the
 * packages may be for another platform. Installations are cached, except those with local packages.
 *
 * @throws InvalidFlag about `modules` if npm fails, or if they exceed Lambda's size limit
 */
export function installModules(modules: readonly string[], machine: Machine, folder: string): void {
  const target = join(folder, "node_modules");
  if (modules.some(isLocalPackage)) {
    const fresh = install(modules, machine);
    try {
      cpSync(join(fresh, "node_modules"), target, { recursive: true });
    } finally {
      rmSync(fresh, { recursive: true, force: true });
    }
    return;
  }
  const cache = `${cacheFolder()}-modules`;
  const hash = createHash("sha256").update(JSON.stringify([[...modules].sort(), machine]));
  const kept = join(cache, hash.digest("hex").slice(0, 32));
  if (!existsSync(kept)) keep(install(modules, machine), kept, cache);
  cpSync(join(kept, "node_modules"), target, { recursive: true });
}

function keep(fresh: string, kept: string, cache: string): void {
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  keepNewest(cache, KEPT - 1);
  const beside = mkdtempSync(join(cache, "fresh-"));
  cpSync(fresh, beside, { recursive: true });
  rmSync(fresh, { recursive: true, force: true });
  try {
    renameSync(beside, kept);
  } catch (error) {
    // Another process may have installed the same packages first. If so, use its installation.
    rmSync(beside, { recursive: true, force: true });
    if (!existsSync(kept)) throw error;
  }
}

function install(modules: readonly string[], { os, cpu, libc }: Machine): string {
  const folder = mkdtempSync(join(tmpdir(), "fantail-modules-"));
  writeFileSync(join(folder, "package.json"), '{"private":true}');
  const packages = modules.map((name) => (isLocalPackage(name) ? `file:${resolve(name.slice("file:".length))}` : name));
  const { NODE_OPTIONS: _, ...environment } = process.env;
  const names = modules.join(", ");
  try {
    const settings = [
      `--prefix=${folder}`,
      `--os=${os}`,
      `--cpu=${cpu}`,
      ...(libc ? [`--libc=${libc}`] : []),
      ...SETTINGS,
    ];
    execFileSync(process.execPath, [npmCli(), "install", ...settings, "--", ...packages], {
      cwd: folder,
      env: environment,
      timeout: NPM_MS,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const installed = join(folder, "node_modules");
    // Remove npm's record of where each package came from, because it differs between machines.
    rmSync(join(installed, ".package-lock.json"), { force: true });
    const bytes = bytesOf(installed);
    if (bytes > MAX_BYTES)
      throw new InvalidFlag(
        "modules",
        `${names} take ${megabytes(bytes)} MB with their dependencies, but at most ${megabytes(MAX_BYTES)} MB fit beside the engine in a Lambda function: remove some, or spread them over several pools`,
      );
    return folder;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (error instanceof InvalidFlag) throw error;
    const written = error instanceof Error && "stderr" in error ? String(error.stderr ?? "") : "";
    const said = written.trim().slice(-2_000);
    throw new InvalidFlag("modules", `${names} cannot be installed: ${said || String(error)}`);
  }
}

const SETTINGS = [
  "--no-audit",
  "--no-fund",
  "--no-package-lock",
  "--no-bin-links",
  "--no-update-notifier",
  "--ignore-scripts",
  "--omit=dev",
  // Local packages are copied, not linked.
  "--install-links",
  "--prefer-offline",
  "--loglevel=error",
];

/**
 * Returns the path of npm: the one shipped with this Node, or else the one that started this process. Another package
 * manager may have started it.
 */
function npmCli(): string {
  const beside = dirname(process.execPath);
  const places = [join(beside, "..", "lib"), beside, join(beside, "..")];
  const files = places.map((place) => join(place, "node_modules", "npm", "bin", "npm-cli.js"));
  const current = process.env.npm_execpath;
  if (current?.endsWith("npm-cli.js")) files.push(current);
  const found = files.find(existsSync);
  if (found === undefined)
    throw new InvalidFlag(
      "modules",
      `cannot be installed, because the Node.js at ${process.execPath} has no npm: use a Node.js that includes npm, or start this program with npm or npx`,
    );
  return found;
}

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}

function bytesOf(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }))
    bytes += statSync(join(folder, name)).size;
  return bytes;
}
