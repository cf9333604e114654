import * as v from "valibot";
import { LOG_LEVELS, type LogLevel } from "../../lambdas/protocol/log-events.ts";
import { parseTaskId } from "../../lambdas/protocol/task-id.ts";
import { cell, printable } from "./printable.ts";
import { type SafeLine, type Style, terminal } from "./terminal.ts";

/**
 * Which lines of the functions' logs to select. If any field is set, only lines that were written with `jsonLog` are
 * selected.
 */
export interface LogFilter {
  /** Lines that name this job. */
  job?: string | undefined;
  /** Lines that name this task, or a range of tasks that contains it. */
  task?: string | undefined;
  /** Lines that name the engine with this id. */
  engine?: number | undefined;
}

/** A line that a function wrote with `jsonLog`. It may also have fields that are not listed here. */
const Line = v.pipe(
  v.string(),
  v.parseJson(),
  v.looseObject({
    time: v.string(),
    level: v.picklist(LOG_LEVELS),
    event: v.string(),
    job: v.optional(v.string()),
    jobs: v.optional(v.array(v.string())),
    task: v.optional(v.string()),
    tasks: v.optional(v.array(v.tuple([v.number(), v.number()]))),
    engine: v.optional(v.number()),
  }),
);

const STYLES: Record<LogLevel, Style> = { info: "dim", warn: "yellow", error: "red" };

/** Whether a line passes the filter. */
export function isWanted(line: string, { job, task, engine }: LogFilter): boolean {
  if (job === undefined && task === undefined && engine === undefined) return true;
  const parsed = v.safeParse(Line, line);
  if (!parsed.success) return false;
  const found = parsed.output;
  if (engine !== undefined && found.engine !== engine) return false;
  if (job !== undefined && found.job !== job && !found.jobs?.includes(job)) return false;
  if (task === undefined || found.task === task) return true;
  const { job: ofJob, index } = parseTaskId(task);
  return found.job === ofJob && found.tasks?.some(([from, to]) => index >= from && index < to) === true;
}

/** Returns a CloudWatch filter pattern that leaves out most lines that the filter does not select. */
export function patternOf({ job, task, engine }: LogFilter): string | undefined {
  const named = job ?? task?.split(".")[0];
  if (named !== undefined) return `"${named}"`;
  return engine === undefined ? undefined : `{ $.engine = ${engine} }`;
}

/** Returns a line as text for a reader: time, level, event and the fields. Other lines stay as they are. */
export function shownLine(line: string): SafeLine {
  const parsed = v.safeParse(Line, line);
  if (!parsed.success) return { safe: terminal.isShown ? printable(line) : line };
  const { time, level, event, ...fields } = parsed.output;
  const facts = Object.entries(fields).map(([name, value]) => `${name}=${shownValue(value)}`);
  return {
    safe: `${cell(time)} ${terminal.style(STYLES[level], level.padEnd(5))} ${cell([event, ...facts].join(" "))}`,
  };
}

function shownValue(value: unknown): string {
  return typeof value === "string" && !/\s/.test(value) ? value : (JSON.stringify(value) ?? "");
}
