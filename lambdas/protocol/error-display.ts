/** How task errors are shown: in their stacks, and when printed. */

/** Node's `inspect`, as it is passed to an object's `[INSPECT]` method. */
export type Inspect = (value: unknown, options?: object) => string;

/** Number of groups of equal messages to list in a composite message. */
const GROUPS = 3;
/** Number of indexes or ranges to list per group. */
const PIECES = 5;
const LINE_CHARS = 200;
/**
 * Maximum number of frames to show for each of two places: where the error was thrown, and where the task was
 * submitted.
 */
const FRAMES = 3;
const FRAME = /^ {4}at /;
const SUBMITTED = "  submitted at";

/**
 * Builds a stack from the user's own frames: where the error was thrown on the engine, then where the task was
 * submitted.
 */
export function remoteStack(head: string, traceback: string, submittedAt: string): string {
  const frames = traceback.split("\n").filter((line) => FRAME.test(line));
  return [head, ...frames, ...(submittedAt === "" ? [] : [SUBMITTED, submittedAt])].join("\n");
}

/**
 * The first frames of a stack from `remoteStack`: a few for where the error was thrown, and a few for where the task
 * was submitted.
 */
export function firstFrames(stack: string | undefined): string[] {
  const lines = stack?.split("\n") ?? [];
  const submitted = lines.lastIndexOf(SUBMITTED);
  const few = (some: string[]) => some.filter((line) => FRAME.test(line)).slice(0, FRAMES);
  if (submitted < 0) return few(lines);
  return [...few(lines.slice(0, submitted)), SUBMITTED, ...few(lines.slice(submitted))];
}

/**
 * Whether Node is displaying an object, judged by whether Node's `inspect` is on the call stack. For an uncaught error
 * Node does not call the `[INSPECT]` method, and would print all `errors` of a CompositeError: hundreds of lines.
 */
export function isBeingShown(): boolean {
  const { stackTraceLimit, prepareStackTrace } = Error;
  Error.stackTraceLimit = 4;
  Error.prepareStackTrace = (_, sites) => sites.map((site) => site.getFileName());
  try {
    const files: unknown = new Error().stack;
    return Array.isArray(files) && files.includes("node:internal/util/inspect");
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
    Error.prepareStackTrace = prepareStackTrace;
  }
}

/** Replaces an error's stack with one that is built when first read. */
export function setLazyStack(error: Error, make: () => string): void {
  let stack: string | undefined;
  Object.defineProperty(error, "stack", {
    configurable: true,
    get: () => {
      stack ??= make();
      return stack;
    },
    set: (value: string) => {
      stack = value;
    },
  });
}

/** A copy of the error with further fields, for Node to display. */
export function shownError(
  { name, message, stack }: Error,
  fields: object,
  hidden: { cause?: unknown; errors?: unknown },
): Error {
  const shown = new Error(message);
  for (const [key, value] of Object.entries({ name, stack, ...hidden }))
    Object.defineProperty(shown, key, { value, configurable: true, writable: true, enumerable: false });
  return Object.assign(shown, fields);
}

/**
 * Summarizes the failures of several items in a few lines: equal messages once, with the indexes of their items.
 *
 * @param total number of items; undefined if not known
 */
export function compositeMessage(
  failures: readonly { index: number; message: string }[],
  total: number | undefined,
): string {
  const groups = new Map<string, number[]>();
  for (const { index, message } of failures) {
    const line = firstLine(message);
    const group = groups.get(line);
    if (group) group.push(index);
    else groups.set(line, [index]);
  }
  const count = total === undefined ? "" : ` of ${total}`;
  const items = (total ?? failures.length) === 1 ? "item" : "items";
  const head = `${failures.length}${count} ${items} failed:`;
  const shown = [...groups].slice(0, GROUPS);
  const [only] = shown;
  if (only && groups.size === 1) return `${head} [${placesText(only[1])}] ${only[0]}`;
  const listed = shown.reduce((sum, [, indexes]) => sum + indexes.length, 0);
  const lines = shown.map(([line, indexes]) => `  [${placesText(indexes)}] ${line}`);
  if (listed < failures.length) lines.push(`  … and ${failures.length - listed} more`);
  return [head, ...lines].join("\n");
}

function firstLine(text: string): string {
  const [line = ""] = text.split("\n", 1);
  return line.length <= LINE_CHARS ? line : `${line.slice(0, LINE_CHARS - 1)}…`;
}

/** Formats indexes as `0, 2-5, 9`; only the first pieces if there are many. */
function placesText(indexes: readonly number[]): string {
  const pieces: [from: number, to: number][] = [];
  for (const index of indexes) {
    const last = pieces.at(-1);
    if (last && last[1] === index - 1) last[1] = index;
    else pieces.push([index, index]);
  }
  const shown = pieces.slice(0, PIECES).map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
  return shown.join(", ") + (pieces.length > PIECES ? ", …" : "");
}
