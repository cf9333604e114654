import { InvalidId } from "./errors.ts";

/** A task by its job and its index in the job; written `<job>.<index>`. */
export interface TaskKey {
  job: string;
  index: number;
}

const JOB = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const TASK = /^[0-9A-HJKMNP-TV-Z]{26}\.(?:0|[1-9]\d{0,7})$/;

/** Formats the public id of a task. */
export function taskId(job: string, index: number): string {
  return `${job}.${index}`;
}

/** Whether `text` has the form of a job id (a ULID). */
export function isJobId(text: string): boolean {
  return JOB.test(text);
}

/** Whether `text` has the form of a task id. */
export function isTaskId(text: string): boolean {
  return TASK.test(text);
}

/**
 * Parses a task id.
 *
 * @throws InvalidId if the text is not `<job>.<index>`
 */
export function parseTaskId(text: string): TaskKey {
  if (!isTaskId(text)) throw new InvalidId(text);
  const dot = text.indexOf(".");
  return { job: text.slice(0, dot), index: Number(text.slice(dot + 1)) };
}
