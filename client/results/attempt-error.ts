import { decodeThrown } from "../../lambdas/protocol/thrown.ts";
import type { AttemptRecord } from "../outcomes/attempt-record.ts";
import type { CallSite } from "../outcomes/call-site.ts";
import { missingFileAdvice } from "./missing-file.ts";

/**
 * Builds the error of a failed attempt, of the class that its code names; undefined if the attempt succeeded.
 *
 * @param item name of the item that failed, for the message
 */
export function attemptError(
  record: AttemptRecord,
  id: string,
  submittedAt?: CallSite,
  item?: string,
): Error | undefined {
  if (record.status === "ok") return undefined;
  const ename = {
    error: "RemoteError",
    lost: "EngineError",
    timeout: "TaskTimeout",
    aborted: "TaskAborted",
    unmet: "UnmetDependency",
    impossible: "ImpossibleDependency",
  } as const;
  const fallback = {
    code: ename[record.status],
    ename: ename[record.status],
    evalue: `the task ended as ${record.status}`,
  };
  return decodeThrown(record.error ?? fallback, {
    taskId: id,
    engineId: record.engine,
    submittedAt,
    item,
    adviceOf: missingFileAdvice,
  });
}
