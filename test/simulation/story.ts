import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import { type IndexRange, rangesOf } from "../../lambdas/protocol/index-ranges.ts";
import type { SubmitMessage } from "../../lambdas/protocol/scheduler-messages.ts";

/** Names a task by the end of its job's id and its index, such as `task 002.5`. */
export function taskText({ job, index }: { job: string; index: number }): string {
  return `task ${job.slice(-3)}.${index}`;
}

function tasksText(job: string, ranges: readonly IndexRange[]): string {
  const spans = ranges.map(([from, to]) => (to - from === 1 ? `${from}` : `${from} to ${to - 1}`));
  return `tasks ${spans.join(", ")} of job ${job.slice(-3)}`;
}

/** Describes which work an event gives to its engine. */
export function eventText({ engine, grant }: EngineEvent): string {
  const tasks = grant ? tasksText(grant.job, rangesOf(grant.tasks.map(([index]) => index))) : "a lease";
  return `a scheduler starts engine ${engine} with ${tasks}`;
}

/** Describes when an event arrives. */
export function deliveryText(delays: readonly number[]): string {
  if (delays.length === 0) return "the event is lost";
  return `the event arrives ${delays.length === 1 ? "" : "twice, "}after ${delays.map((ms) => `${ms} ms`).join(" and ")}`;
}

/** Describes what a client does. */
export function clientText(message: object): string {
  if (!("type" in message)) return "a client sends a message";
  if (message.type === "submit") {
    const { jobs } = message as SubmitMessage;
    const texts = jobs.map(({ header }) => {
      const flags = Object.entries(header.flags).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
      return `job ${header.id.slice(-3)} with ${header.tasks} ${header.tasks === 1 ? "task" : "tasks"}${flags.length > 0 ? ` (${flags.join(", ")})` : ""}`;
    });
    return `a client submits ${texts.join(" and ")}`;
  }
  if (message.type === "abort" && "jobs" in message) {
    const jobs = message.jobs as readonly { job: string; ranges: readonly IndexRange[] }[];
    return `a client aborts ${jobs.map(({ job, ranges }) => tasksText(job, ranges)).join(" and ")}`;
  }
  const { type, ...rest } = message;
  return `a client sends ${String(type)} ${JSON.stringify(rest)}`;
}
