import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Gives all tests of a run one temporary folder, which the CDK uses too, and removes it at the end, so that a run
 * leaves nothing behind.
 */
export function setup(): () => void {
  // A short name: the path of a Unix socket below it may have at most 108 bytes.
  const folder = mkdtempSync(join(tmpdir(), "fantail-"));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
