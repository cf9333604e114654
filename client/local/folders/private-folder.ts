import { lstatSync, mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Returns a temporary folder that only this user can read: the same one each time, or a new one if something else has
 * its name, such as a folder of another user.
 */
export function privateFolder(name: string): string {
  const folder = join(tmpdir(), `${name}-${process.getuid?.() ?? "user"}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (isOnlyOurs(folder)) return folder;
  } catch {
    // A file has the folder's name.
  }
  return mkdtempSync(join(tmpdir(), `${name}-`));
}

function isOnlyOurs(folder: string): boolean {
  // Windows has no mode bits; each user has a separate temporary folder there.
  if (process.getuid === undefined) return true;
  const { uid, mode } = lstatSync(folder);
  return uid === process.getuid() && (mode & 0o170077) === 0o040000;
}
