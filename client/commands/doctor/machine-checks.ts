import { accessSync, constants, existsSync, statfsSync, statSync } from "node:fs";
import { freemem, totalmem } from "node:os";
import { dirname } from "node:path";
import { fantailHome } from "../../connection/connection.ts";
import { type Check, checked, ok, wrong } from "./check.ts";

const [MIN_MAJOR, MIN_MINOR] = [20, 19] as const;
const MB = 2 ** 20;
/**
 * Minimum free disk space, and minimum free memory, in megabytes. On start, a cluster unpacks the functions and writes
 * logs; a busy engine takes about 100 MB of memory.
 */
const MIN_MB = 200;

/** Checks Node, this package, the folder of connection files, and the free disk space and memory. */
export async function machineChecks(version: string): Promise<Check[]> {
  return [nodeCheck(), ok("fantail", `version ${version}`), await folderCheck(), await roomCheck()];
}

function nodeCheck(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > MIN_MAJOR || (major === MIN_MAJOR && minor >= MIN_MINOR)) return ok("node", process.version);
  return wrong("node", `${process.version} is too old`, `Install Node ${MIN_MAJOR}.${MIN_MINOR} or later`);
}

function folderCheck(): Promise<Check> {
  const folder = fantailHome();
  const make = async () => {
    if (!existsSync(folder)) return ok("folder", `${folder} does not exist yet; \`fantail start\` creates it`);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    const others = statSync(folder).mode & 0o077;
    if (process.platform !== "win32" && others !== 0)
      return wrong("folder", `other users may open ${folder}, which holds credentials`, `Run \`chmod 700 ${folder}\``);
    return ok("folder", folder);
  };
  return checked("folder", make, `Make ${folder} writable for you, or set FANTAIL_HOME to another folder`);
}

function roomCheck(): Promise<Check> {
  const make = async () => {
    const home = existsSync(fantailHome()) ? fantailHome() : dirname(fantailHome());
    const { bavail, bsize } = statfsSync(home);
    const disk = Math.floor((bavail * bsize) / MB);
    const memory = Math.floor(freemem() / MB);
    const detail = `${disk} MB of disk and ${memory} of ${Math.floor(totalmem() / MB)} MB of memory are free`;
    if (disk < MIN_MB) return wrong("room", detail, "Free some disk space, or set FANTAIL_HOME to another disk");
    if (memory < MIN_MB) return wrong("room", detail, "End other programs, or start fewer engines");
    return ok("room", detail);
  };
  return checked("room", make, "Check the folder that FANTAIL_HOME names");
}
