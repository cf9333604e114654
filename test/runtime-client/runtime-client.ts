import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const COMPILE_MS = 600_000;
const PACKAGE = "aws-lambda-ric";
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** Lock file that identifies the client and all its dependencies. */
export const RUNTIME_CLIENT_LOCK = here("pinned/package-lock.json");

/**
 * Installs AWS's runtime client for Node, which runs handlers on Lambda through the Runtime API. Its native part is
 * compiled once from the sources in its package: https://github.com/aws/aws-lambda-nodejs-runtime-interface-client,
 * Apache-2.0.
 *
 * @returns its folder, with `index.mjs` to run; or why it is unavailable
 */
export async function installRuntimeClient(): Promise<{ folder: string } | { missing: string }> {
  if (process.platform !== "linux") return { missing: `${PACKAGE} compiles on Linux only` };
  const lock = createHash("sha256").update(readFileSync(RUNTIME_CLIENT_LOCK)).digest("hex").slice(0, 12);
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "fantail");
  const folder = join(cache, `${PACKAGE}-${process.arch}-${lock}`);
  if (existsSync(folder)) return { folder };
  mkdirSync(cache, { recursive: true });
  const build = mkdtempSync(`${folder}-fresh-`);
  try {
    for (const name of ["package.json", "package-lock.json"]) cpSync(here(`pinned/${name}`), join(build, name));
    await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], {
      cwd: build,
      timeout: COMPILE_MS,
      maxBuffer: Number.POSITIVE_INFINITY,
      env: { ...process.env, ...headers() },
    });
    const made = join(build, "node_modules", PACKAGE);
    if (!existsSync(join(made, "rapid-client.node"))) throw new Error("no rapid-client.node was made");
    rmSync(folder, { recursive: true, force: true });
    renameSync(made, folder);
    return { folder };
  } catch (error) {
    const { message, stderr = "" } = error as Error & { stderr?: string };
    const why = `${message}\n${stderr}`.trim().split("\n").slice(-3).join(" | ");
    return { missing: `${PACKAGE} could not be compiled with cmake, make, g++ and Node's headers: ${why}` };
  } finally {
    rmSync(build, { recursive: true, force: true });
  }
}

/** Returns settings for Node's headers: if Node includes them, they need not be downloaded. */
function headers(): NodeJS.ProcessEnv {
  const root = dirname(dirname(process.execPath));
  return existsSync(join(root, "include/node/node_api.h")) ? { npm_config_nodedir: root } : {};
}
