import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "./run-program.ts";

/**
 * Makes the programs of Debian packages usable without installing them: downloads the missing packages and unpacks them
 * into a folder. The system changes only in its list of packages, and no service starts.
 *
 * @param folder kept between runs
 * @returns the environment in which the programs are found
 */
export async function unpackPackages(packages: readonly string[], folder: string): Promise<NodeJS.ProcessEnv> {
  const root = join(folder, packages.join("+"));
  if (!existsSync(root)) await unpack(packages, root);
  const { PATH = "", LD_LIBRARY_PATH = "" } = process.env;
  const programs = ["usr/sbin", "usr/bin", "sbin", "bin"].map((path) => join(root, path));
  const libraries = ["usr/lib", "lib"].flatMap((path) => foldersIn(join(root, path), "-linux-gnu"));
  const scripts = join(root, "usr/share/debootstrap");
  return {
    ...process.env,
    PATH: [...programs, PATH, "/usr/sbin", "/sbin"].join(":"),
    ...(libraries.length > 0 && { LD_LIBRARY_PATH: [...libraries, LD_LIBRARY_PATH].filter(Boolean).join(":") }),
    // debootstrap looks for its own files in a fixed place.
    ...(existsSync(scripts) && { DEBOOTSTRAP_DIR: scripts }),
  };
}

async function unpack(packages: readonly string[], root: string): Promise<void> {
  const archives = `${root}-${process.pid}`;
  mkdirSync(join(archives, "partial"), { recursive: true });
  try {
    const how = ["-y", "-q", "--download-only", "--no-install-recommends", "-o", `Dir::Cache::archives=${archives}`];
    const download = () => runProgram("apt-get", [...how, "install", ...packages]);
    await download().catch(async () => {
      // The system's list of packages is outdated, or was never fetched.
      await runProgram("apt-get", ["-q", "update"]);
      await download();
    });
    const files = readdirSync(archives).filter((file) => file.endsWith(".deb"));
    for (const file of files) await runProgram("dpkg", ["-x", join(archives, file), join(archives, "root")]);
    // If everything is installed, nothing was downloaded. Keep nothing then: the packages may be removed again.
    if (files.length > 0) renameSync(join(archives, "root"), root);
  } finally {
    rmSync(archives, { recursive: true, force: true });
  }
}

function foldersIn(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name));
}
