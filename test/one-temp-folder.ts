import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Gives all tests of a run one folder for what is temporary, theirs and the CDK's, and removes it after the last: a run leaves nothing behind. */
export function setup(): () => void {
  // The name is short: the path of a Unix socket below it may have 108 bytes at most.
  const folder = mkdtempSync(join(tmpdir(), "fantail-"));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
