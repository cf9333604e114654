import { chmodSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import { becauseOfSystem } from "./processes/system-failure.ts";

/** Names that a cloud creates in its data folder. */
const KEPT = ["dynamodb", "s3", "logs", "rules.json", "owner.json"];
/** Mode bits of everyone but the owner. */
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/**
 * Creates or opens a folder whose tables, blobs and logs no other user of the machine can read. Does not check access
 * on Windows.
 *
 * An existing folder that others can read is made private, with one exception: if it also holds files that are not
 * fantail's, others may need them, so only fantail's own subfolders are made private.
 *
 * @returns notices for the user
 * @throws ClusterError if the folder is not writable, belongs to another user, or holds other files and can be changed
 * by others
 */
export function openDataFolder(folder: string): string[] {
  try {
    if (statSync(folder, { throwIfNoEntry: false })?.isFile())
      throw new ClusterError(`the data folder ${folder} is a file: choose a folder`);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isWindows()) return [];
    const notices = secure(folder);
    for (const name of ["dynamodb", "s3", "logs"]) {
      mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
      refuseForeign(join(folder, name));
      narrow(join(folder, name));
    }
    return notices;
  } catch (error) {
    throw becauseOfSystem(error, `the data folder ${folder} cannot be used`, "choose another, or make it writable");
  }
}

function secure(folder: string): string[] {
  refuseForeign(folder);
  const { mode } = statSync(folder);
  if ((mode & OTHERS) === 0) return [];
  if (readdirSync(folder).every((name) => KEPT.includes(name))) {
    chmodSync(folder, 0o700);
    return [`other users of this machine could read ${folder}; its mode is now 0700`];
  }
  if ((mode & OTHERS_WRITE) !== 0)
    throw new ClusterError(
      `other users of this machine can write to ${folder}, which holds files that are not fantail's: use a separate folder, such as ${join(folder, "fantail")}`,
    );
  return [];
}

/** Rejects a folder of another user, who could open it to everyone or replace its contents. */
function refuseForeign(folder: string): void {
  const { uid } = statSync(folder);
  if (uid !== process.getuid?.())
    throw new ClusterError(`the data folder ${folder} belongs to another user (uid ${uid}): use a folder of your own`);
}

/** Makes a folder private, recursively: earlier versions wrote files that everyone could read. */
function narrow(folder: string): void {
  if ((statSync(folder).mode & OTHERS) === 0) return;
  chmodSync(folder, 0o700);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isDirectory()) chmodSync(path, 0o700);
    else if (entry.isFile()) chmodSync(path, 0o600);
  }
}

function isWindows(): boolean {
  return process.getuid === undefined;
}
