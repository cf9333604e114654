import {
  ClusterError,
  CodeShippingOff,
  InvalidDependency,
  InvalidFlag,
  NoEnginesRegistered,
  NotFinished,
  PayloadTooLarge,
  Refused,
  UnknownFunction,
  UnknownTask,
} from "../../lambdas/protocol/errors.ts";
import type { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";

const BY_CODE = new Map(
  Object.entries({
    ClusterError,
    CodeShippingOff,
    InvalidDependency,
    NoEnginesRegistered,
    PayloadTooLarge,
    UnknownTask,
    // The caller does not cause this error, so it has no class of its own. Its message names the row.
    UnreadableRow: ClusterError,
  }),
);

/**
 * Builds the error for a message that the scheduler refused, of the class that the answer's code names; `Refused` for
 * an unknown code.
 */
export function refusal({ code, message, flag, taskId, near }: SchedulerAnswer & { type: "error" }): FantailError {
  if (code === "InvalidFlag")
    return flag === undefined
      ? new InvalidFlag("flags", message)
      : new InvalidFlag(flag, withoutPrefix(message, `flag ${flag}: `));
  if (code === "NotFinished") return new NotFinished(taskId ?? message);
  if (code === "UnknownFunction") return new UnknownFunction(message, near);
  const Known = BY_CODE.get(code) ?? Refused;
  return new Known(message);
}

/** The error for an answer of a type that does not belong to the message asked. */
export function unexpectedAnswer(asked: string, answer: SchedulerAnswer): FantailError {
  if (answer.type === "error") return refusal(answer);
  return new ClusterError(
    `the scheduler function answered ${asked} with ${JSON.stringify(answer.type)}, which this client does not know: use the same version of fantail on the client and the cluster`,
  );
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}
