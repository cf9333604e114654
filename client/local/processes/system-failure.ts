import { ClusterError } from "../../../lambdas/protocol/errors.ts";

/** Errors of the operating system, found by Node's error code or LevelDB's message, with what to tell the user. */
const FAILURES: readonly [sign: RegExp, remedy: string][] = [
  [/ENOSPC|No space left on device/, "the disk is full: free some space"],
  [/EDQUOT|Disk quota exceeded/, "your disk quota is used up: free some space"],
  [/EFBIG|File too large/, "a file has reached the size limit: see `ulimit -f`"],
  [/EROFS|Read-only file system/, "the file system is read-only"],
  [/EACCES|EPERM|Permission denied|Operation not permitted/, "this user has no permission to write there"],
  [/ENOTDIR|Not a directory/, "part of the path is a file"],
  [/EMFILE|ENFILE|Too many open files/, "too many files are open: see `ulimit -n`"],
  [/EIO\b|Input\/output error/, "the disk reports errors"],
  [/ENOMEM|Cannot allocate memory|heap out of memory/, "there is not enough memory: use fewer engines"],
  [/EAGAIN|Resource temporarily unavailable/, "no more processes can be started: see `ulimit -u`"],
];

/**
 * Returns why a process failed, extracted from its output: the system's message and its meaning. Returns undefined if
 * the system was not the cause.
 */
export function systemFailure(text: string): string | undefined {
  const found = FAILURES.find(([sign]) => sign.test(text));
  if (!found) return undefined;
  const [sign, meaning] = found;
  // Node's errors begin with the code and LevelDB's end with the message; both name the file.
  const line = text.split("\n").find((one) => sign.test(one)) ?? "";
  const words = line.replace(/^.*?(?=\b(?:IO error|E[A-Z]{3,}|FATAL ERROR)\b)/, "").trim();
  return `${meaning} (${words.slice(0, 300)})`;
}

/**
 * Turns a system error into a ClusterError that says what failed and what to do. Returns any other error unchanged.
 *
 * @param failed what could not be done
 * @param remedy what to do in addition to the failure's own remedy
 */
export function becauseOfSystem(error: unknown, failed: string, remedy: string): unknown {
  if (!(error instanceof Error) || error instanceof ClusterError || !("code" in error)) return error;
  const why = systemFailure(error.message);
  return why === undefined
    ? error
    : new ClusterError(`${failed}: ${why}; ${remedy}`, { cause: error, retryable: false });
}

/** Prefix of the line in which a process of the cloud reports why it ends. */
export const LAST_WORDS = "fantail: ";

/**
 * Returns why a process ended, from the end of its stderr: the reason it reported, else a system failure, else the
 * error it threw, without the stack trace.
 */
export function lastWords(complaint: string): string {
  const said = complaint.split("\n").findLast((line) => line.startsWith(LAST_WORDS));
  if (said !== undefined) return said.slice(LAST_WORDS.length);
  const known = systemFailure(complaint);
  if (known !== undefined) return known;
  const thrown = /^(?:Uncaught )?((?:[A-Z]\w*)?Error(?: \[\w+\])?: [\s\S]*?)(?=\n {4}at |\n\n|$)/m.exec(complaint);
  return (thrown?.[1] ?? complaint).trim().slice(0, 1_500);
}
