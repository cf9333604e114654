import { InvalidId } from "./errors.ts";

/** A task's place: the job that holds it and its index there. Written `<job>.<index>`. */
export interface TaskPlace {
  job: string;
  index: number;
}

const JOB = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const TASK = /^[0-9A-HJKMNP-TV-Z]{26}\.(?:0|[1-9]\d{0,7})$/;

/** The public id of one task. For an apply it is the job id too, so `getResult` knows the shape from the id alone. */
export function taskId(job: string, index: number): string {
  return `${job}.${index}`;
}

/** Claims that `text` has the shape of a job id (a ULID). */
export function isJobId(text: string): boolean {
  return JOB.test(text);
}

/** Claims that `text` has the shape of a task id. */
export function isTaskId(text: string): boolean {
  return TASK.test(text);
}

/**
 * Takes a task id apart.
 *
 * @throws InvalidId when the text is not `<job>.<index>`
 */
export function parseTaskId(text: string): TaskPlace {
  if (!isTaskId(text)) throw new InvalidId(text);
  const dot = text.indexOf(".");
  return { job: text.slice(0, dot), index: Number(text.slice(dot + 1)) };
}
