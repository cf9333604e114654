import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { mustBeOneOf, shown } from "../../lambdas/protocol/setting-fault.ts";
import type { TaskWait } from "../results/task-wait.ts";

/** How long to wait. */
export interface WaitOptions {
  /** 0 looks once; absent or negative waits for ever. */
  timeoutMs?: number | undefined;
  /** Ends the waiting, not the tasks: what waits rejects with the signal's reason, at once if the signal was aborted before. */
  signal?: AbortSignal | undefined;
}

/** When a wait is over: when all tasks have ended, when one has, or when one has failed (or all have ended). */
export type ReturnWhen = (typeof RETURN_WHEN)[number];

const RETURN_WHEN = ["ALL_COMPLETED", "FIRST_COMPLETED", "FIRST_EXCEPTION"] as const;

/**
 * What of a task that has ended ends the waiting for the others; `undefined`: nothing.
 *
 * @throws InvalidFlag for what is no `ReturnWhen`
 */
export function endsWaiting(returnWhen: ReturnWhen | undefined): TaskWait["until"] {
  if (returnWhen === undefined || returnWhen === "ALL_COMPLETED") return undefined;
  if (returnWhen === "FIRST_COMPLETED") return () => true;
  if (returnWhen === "FIRST_EXCEPTION") return ({ outcomes }, task) => !outcomes.isOk(task);
  throw new InvalidFlag("returnWhen", `${mustBeOneOf(RETURN_WHEN)}, not ${shown(returnWhen)}`);
}
