import {
  ClusterError,
  CodeShippingOff,
  type FantailError,
  InvalidDependency,
  InvalidFlag,
  NoEnginesRegistered,
  NotFinished,
  PayloadTooLarge,
  Refused,
  UnknownFunction,
  UnknownTask,
} from "../../lambdas/protocol/errors.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-messages.ts";

const BY_CODE = new Map(
  Object.entries({
    ClusterError,
    CodeShippingOff,
    InvalidDependency,
    NoEnginesRegistered,
    PayloadTooLarge,
    UnknownFunction,
    UnknownTask,
    // Nothing that the caller did: the message names the row.
    UnreadableRow: ClusterError,
  }),
);

/** The error that a door's refusal stands for, by its code; `Refused` for a code without a class of its own here. */
export function refusal({ code, message, flag, taskId }: SchedulerAnswer & { type: "error" }): FantailError {
  if (code === "InvalidFlag") return new InvalidFlag(flag ?? "flags", message.replace(`flag ${flag}: `, ""));
  if (code === "NotFinished") return new NotFinished(taskId ?? message);
  const Known = BY_CODE.get(code) ?? Refused;
  return new Known(message);
}
