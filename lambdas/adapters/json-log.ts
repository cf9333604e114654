import { LOG_EVENTS, LOG_LEVELS, type MinLogLevel, type WriteLog } from "../protocol/log-events.ts";

/** Number of characters of a session's id in the log: the whole id is a secret. */
const SESSION_CHARS = 8;

/**
 * Makes a log whose lines are JSON objects: time, level, event, then the fields.
 *
 * @param least lines below this level are not written
 * @param write receives each line. Default: writes to standard output. Lambda's `console.log` would put other text
 *   before the JSON
 */
export function jsonLog(
  least: MinLogLevel,
  now: () => number,
  write: (line: string) => void = (line) => process.stdout.write(line),
): WriteLog {
  const lowest = LOG_LEVELS.indexOf(least);
  return (event, fields) => {
    const [level] = LOG_EVENTS[event];
    if (LOG_LEVELS.indexOf(level) < lowest) return;
    const { session, ...others } = typeof fields === "function" ? fields() : fields;
    const head = { time: new Date(now()).toISOString(), level, event };
    const line = { ...head, ...others, ...(session === undefined ? {} : { session: session.slice(0, SESSION_CHARS) }) };
    write(`${JSON.stringify(line)}\n`);
  };
}
