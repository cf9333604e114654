import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { NPM_FOLDER, PYTHON_FOLDER, SOURCES } from "./peer-folders.ts";

const run = promisify(execFile);
const INSTALL_MS = 900_000;

/** Path of Python in the peers' virtual environment. */
export const PYTHON = join(PYTHON_FOLDER, "bin", "python");

/** Installs the npm packages of `bench/peers/package.json`, unless they are installed already. */
export function installNpmPackages(): Promise<void> {
  return installOnce("package.json", NPM_FOLDER, async (manifest) => {
    copyFileSync(manifest, join(NPM_FOLDER, "package.json"));
    const quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    await run("npm", ["install", ...quiet], { cwd: NPM_FOLDER, timeout: INSTALL_MS });
  });
}

/**
 * Installs the Python packages of `bench/peers/requirements.txt` into a virtual environment, unless they are installed
 * already.
 */
export function installPythonPackages(): Promise<void> {
  return installOnce("requirements.txt", PYTHON_FOLDER, async (requirements) => {
    await run("python3", ["-m", "venv", PYTHON_FOLDER]);
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
    await run(PYTHON, [...pip, "-r", requirements], { timeout: INSTALL_MS });
  });
}

const installing = new Map<string, Promise<void>>();

/**
 * Installs the packages that a file lists into a folder, unless they are installed already: a complete installation
 * contains a copy of the file. Several peers may share a folder.
 */
function installOnce(name: string, folder: string, install: (file: string) => Promise<void>): Promise<void> {
  const known = installing.get(folder);
  if (known) return known;
  const fill = async () => {
    const file = join(SOURCES, name);
    const stamp = join(folder, ".installed");
    const wanted = readFileSync(file, "utf8");
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await install(file);
    writeFileSync(stamp, wanted);
  };
  const filled = fill();
  installing.set(folder, filled);
  return filled;
}
