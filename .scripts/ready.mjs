// Runs before `npm start`, `npm test` and `npm run bench`: installs and builds what is stale, and nothing else. Uses
// only Node built-ins, since nothing may be installed yet.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Interval of progress messages during an installation. */
const PROGRESS_MS = 3_000;

const STDIO = ["ignore", "inherit", "inherit"];
const root = fileURLToPath(new URL("..", import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) stop(`Node ${process.version} is too old: install 20.19 or later`);

if (installIsStale()) {
  const command = existsSync(join(root, "package-lock.json")) ? "ci" : "install";
  say(`installing packages (npm ${command})`);
  // After installing, npm runs the script `prepare`, which builds, so the step below has nothing to do.
  const quietly = ["--no-audit", "--no-fund", "--loglevel=error"];
  if (!(await npm(command, ...quietly)) && installIsStale()) {
    say(`npm ${command} did not install all packages; trying npm install`);
    if (!(await npm("install", ...quietly))) stop("the packages could not be installed: see above");
  }
}
if (buildIsStale()) {
  say("building dist");
  if (spawnSync(process.execPath, [join(root, ".scripts/build.mjs")], { cwd: root, stdio: STDIO }).status !== 0)
    stop("the build failed: see above");
}

/** Whether node_modules lacks a package of the lock file, or has another version of it than the lock file. */
function installIsStale() {
  const installed = read("node_modules/.package-lock.json");
  if (!installed) return true;
  const locked = read("package-lock.json");
  if (!locked) return false;
  // Compare contents: npm writes the two files one after the other, so their times mean nothing.
  return needed(locked).some(([path, { version }]) => installed.packages[path]?.version !== version);
}

/** Returns the packages of a lock file that are installed on every platform. */
function needed({ packages }) {
  return Object.entries(packages).filter(
    ([path, { optional, devOptional }]) => path !== "" && !optional && !devOptional,
  );
}

/** Whether a source is newer than the last complete build. */
function buildIsStale() {
  const stamp = join(root, "dist/.built");
  if (!existsSync(stamp)) return true;
  const built = statSync(stamp).mtimeMs;
  const files = [
    "tsconfig.json",
    "package-lock.json",
    ".scripts/build.mjs",
    ".scripts/bundle.mjs",
    ".scripts/build.tsconfig.json",
  ];
  for (const folder of ["bench", "cdk", "client", "examples", "lambdas"]) {
    const names = readdirSync(join(root, folder), { recursive: true });
    files.push(folder, ...names.map((name) => join(folder, String(name))));
  }
  // A folder's modification time changes when a file in the folder is added or removed.
  return files.some((file) => existsSync(join(root, file)) && statSync(join(root, file)).mtimeMs > built);
}

/**
 * @returns {{ packages: Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> } | undefined}
 */
function read(file) {
  const path = join(root, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

/**
 * Runs npm and reports the progress, which npm itself does not. Returns whether npm succeeded; npm prints its own
 * errors.
 */
async function npm(...argv) {
  const cli = process.env.npm_execpath;
  const windows = process.platform === "win32";
  const [command, ...first] = cli?.endsWith(".js") ? [process.execPath, cli] : [windows ? "npm.cmd" : "npm"];
  const child = spawn(command, [...first, ...argv], { cwd: root, stdio: STDIO, shell: command === "npm.cmd" });
  const begun = performance.now();
  const paths = needed(read("package-lock.json") ?? { packages: {} }).map(([path]) => path);
  const progress = setInterval(() => {
    const there = paths.filter((path) => existsSync(join(root, path, "package.json"))).length;
    const seconds = Math.round((performance.now() - begun) / 1000);
    say(`installing packages: ${seconds} s, ${there} of ${paths.length} installed`);
  }, PROGRESS_MS);
  try {
    const [code] = await once(child, "exit");
    return code === 0;
  } catch (error) {
    say(`npm could not be started: ${error.message}`);
    return false;
  } finally {
    clearInterval(progress);
  }
}

function say(message) {
  console.log(`fantail: ${message}`);
}

function stop(why) {
  console.error(`fantail: ${why}`);
  process.exit(1);
}
