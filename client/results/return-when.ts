import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { mustBeOneOf, shown } from "../../lambdas/protocol/setting-fault.ts";
import type { TaskWait } from "./task-wait.ts";

/**
 * The condition that ends a wait: all tasks have finished, one has finished, or one has failed. Each wait also ends
 * once all tasks have finished.
 */
export type ReturnWhen = (typeof RETURN_WHEN)[number];

const RETURN_WHEN = ["ALL_COMPLETED", "FIRST_COMPLETED", "FIRST_EXCEPTION"] as const;

/**
 * Returns a function that decides whether a finished task ends the wait for the others; `undefined` if no task does.
 *
 * @throws InvalidFlag for anything but a `ReturnWhen`
 */
export function endsWaiting(returnWhen: ReturnWhen | undefined): TaskWait["until"] {
  if (returnWhen === undefined || returnWhen === "ALL_COMPLETED") return undefined;
  if (returnWhen === "FIRST_COMPLETED") return () => true;
  if (returnWhen === "FIRST_EXCEPTION") return ({ outcomes }, task) => !outcomes.isOk(task);
  throw new InvalidFlag("returnWhen", `${mustBeOneOf(RETURN_WHEN)}, not ${shown(returnWhen)}`);
}
