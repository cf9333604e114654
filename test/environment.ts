import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Variables of fantail that belong to the machine. The others choose seeds and sizes of the tests. */
const OF_THE_MACHINE = ["FANTAIL_CONNECTION", "FANTAIL_HOME", "FANTAIL_CACHE", "FANTAIL_CDK_PROPS"];
/** Variables that say what a terminal can show. */
const OF_THE_TERMINAL = [
  ...["CI", "COLORTERM", "COLUMNS", "LINES", "TMUX"],
  ...["FORCE_COLOR", "NO_COLOR", "NO_PROGRESS", "NODE_DISABLE_COLORS"],
];

/**
 * Gives all tests of a run the same environment on every machine: a terminal with colours, no account, no cluster.
 * Gives them one temporary folder, which the CDK uses too, and removes it at the end, so that a run leaves nothing
 * behind.
 */
export function setup(): () => void {
  for (const name of Object.keys(process.env))
    if (name.startsWith("AWS_") || OF_THE_MACHINE.includes(name) || OF_THE_TERMINAL.includes(name))
      delete process.env[name];
  process.env.TERM = "xterm-256color";
  // A short name: the path of a Unix socket below it may have at most 108 bytes.
  const folder = mkdtempSync(join(tmpdir(), "fantail-"));
  process.env.TMPDIR = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
