import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheFolder } from "../client/local/folders/cache-folder.ts";

const INSTALL_MS = 300_000;
const run = promisify(execFile);

/** Returns the Python of the virtual environment with a tool such as `ministack==1.5.33`. */
export function pythonOf(tool: string): string {
  return join(environmentFolder(tool), "bin", "python");
}

/**
 * Installs a tool from Python's package index into a virtual environment of this checkout, once. Requires Python 3.10.
 *
 * @param tool with its version, such as `ministack==1.5.33`
 * @param requirements a file with the tool and everything it needs, with versions and hashes. Default: the newest
 * versions that fit
 * @returns why it is unavailable; undefined once it is installed
 */
export async function installPythonTool(tool: string, requirements?: string): Promise<string | undefined> {
  const folder = environmentFolder(tool);
  if (existsSync(pythonOf(tool))) return undefined;
  mkdirSync(dirname(folder), { recursive: true });
  // The name marks a complete environment. It can be renamed as long as nobody runs its scripts, which contain its
  // path.
  const fresh = mkdtempSync(`${folder}-fresh-`);
  try {
    await run("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 10))"]);
    await run("python3", ["-m", "venv", fresh], { timeout: INSTALL_MS });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
    const wanted = requirements === undefined ? [tool] : ["--require-hashes", "--no-deps", "-r", requirements];
    await run(join(fresh, "bin", "python"), [...pip, ...wanted], { timeout: INSTALL_MS });
    renameSync(fresh, folder);
    return undefined;
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    return `${tool} could not be installed with python3 3.10 or newer, venv and pip: ${lastLine(error)}`;
  }
}

function environmentFolder(tool: string): string {
  return `${cacheFolder()}-${tool.replace("==", "-")}`;
}

/** Returns the last line of a program's stderr, in which pip names the problem. */
function lastLine(error: unknown): string {
  const { message, stderr = "" } = error as Error & { stderr?: string };
  const lines = `${message}\n${stderr}`.split("\n").filter((line) => line.trim() !== "");
  return lines.at(-1)?.trim() ?? "unknown";
}
