// Run before `npm start`, `npm test` and `npm run bench`: installs and builds what is stale, and nothing else.
// Node built-ins only, since nothing may be installed yet.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** How often it is said how far an installation has come. */
const TELL_MS = 3_000;

const STDIO = ["ignore", "inherit", "inherit"];
const root = fileURLToPath(new URL("..", import.meta.url));
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) stop(`Node ${process.version} is too old: 20.19 or newer is needed`);

if (installIsStale()) {
  const command = existsSync(join(root, "package-lock.json")) ? "ci" : "install";
  say(`installing packages (npm ${command})`);
  // Installing runs `prepare`, which builds: below there is then nothing left to do.
  const quietly = ["--no-audit", "--no-fund", "--loglevel=error"];
  if (!(await npm(command, ...quietly)) && installIsStale()) {
    say("that did not install them all; trying npm install");
    if (!(await npm("install", ...quietly))) stop("the packages could not be installed: see above");
  }
}
if (buildIsStale()) {
  say("building dist");
  if (spawnSync(process.execPath, [join(root, ".scripts/build.mjs")], { cwd: root, stdio: STDIO }).status !== 0)
    stop("the build failed: see above");
}

/** Claims that some package of the lock is missing in node_modules, or another version of it is there. */
function installIsStale() {
  const installed = read("node_modules/.package-lock.json");
  if (!installed) return true;
  const locked = read("package-lock.json");
  if (!locked) return false;
  // By content: npm writes the two files one after the other, so the times tell nothing.
  return needed(locked).some(([path, { version }]) => installed.packages[path]?.version !== version);
}

/** The packages of a lock that are installed on every platform. */
function needed({ packages }) {
  return Object.entries(packages).filter(
    ([path, { optional, devOptional }]) => path !== "" && !optional && !devOptional,
  );
}

/** Claims that a source is newer than the last whole build. */
function buildIsStale() {
  const stamp = join(root, "dist/.built");
  if (!existsSync(stamp)) return true;
  const built = statSync(stamp).mtimeMs;
  const files = ["tsconfig.json", "package-lock.json", ".scripts/build.mjs", ".scripts/build.tsconfig.json"];
  for (const folder of ["bench", "cdk", "client", "examples", "lambdas"]) {
    const names = readdirSync(join(root, folder), { recursive: true });
    files.push(folder, ...names.map((name) => join(folder, String(name))));
  }
  // A folder's time changes when a file in it is added or removed.
  return files.some((file) => existsSync(join(root, file)) && statSync(join(root, file)).mtimeMs > built);
}

/** @returns {{ packages: Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> } | undefined} */
function read(file) {
  const path = join(root, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

/** Whether npm did as told; what went wrong it has said itself. Says every few seconds how far it has come, which npm does not. */
async function npm(...argv) {
  const cli = process.env.npm_execpath;
  const windows = process.platform === "win32";
  const [command, ...first] = cli?.endsWith(".js") ? [process.execPath, cli] : [windows ? "npm.cmd" : "npm"];
  const child = spawn(command, [...first, ...argv], { cwd: root, stdio: STDIO, shell: command === "npm.cmd" });
  const begun = performance.now();
  const paths = needed(read("package-lock.json") ?? { packages: {} }).map(([path]) => path);
  const telling = setInterval(() => {
    const there = paths.filter((path) => existsSync(join(root, path, "package.json"))).length;
    const seconds = Math.round((performance.now() - begun) / 1000);
    say(`installing packages: ${seconds} s, ${there} of ${paths.length} there`);
  }, TELL_MS);
  try {
    const [code] = await once(child, "exit");
    return code === 0;
  } catch (error) {
    say(`npm could not be started: ${error.message}`);
    return false;
  } finally {
    clearInterval(telling);
  }
}

function say(what) {
  console.log(`fantail: ${what}`);
}

function stop(why) {
  console.error(`fantail: ${why}`);
  process.exit(1);
}
