import * as v from "valibot";
import { type EngineAnswer, EngineMessage, OnFailureRecord } from "../protocol/report-messages.ts";
import type { Cluster } from "./cluster.ts";
import { begin, refused } from "./leases/begin.ts";
import { fetchUnits } from "./leases/fetch-units.ts";
import { heartbeat } from "./leases/heartbeat.ts";
import { nextLease } from "./leases/next-lease.ts";
import { onFailure } from "./leases/on-failure.ts";
import { placePending } from "./leases/place-pending.ts";
import { report } from "./leases/report.ts";
import { askForTask } from "./parked/ask-for-task.ts";
import { park } from "./parked/park.ts";
import { readForTask } from "./parked/read-for-task.ts";
import { settleParked } from "./parked/settle-parked.ts";
import { keepSweeping } from "./upkeep/sweep-rule.ts";

/**
 * The door for engines, the only function they may invoke, and for Lambda's failure records. What comes through
 * it is not trusted: each message must name a session that the scheduler drew, and the nonce that began it.
 */
export async function reportDoor(cluster: Cluster, payload: unknown): Promise<EngineAnswer> {
  cluster.sweeps = undefined;
  const failure = v.safeParse(OnFailureRecord, payload);
  if (failure.success) {
    await onFailure(cluster, failure.output);
    await placePending(cluster);
    await keepSweeping(cluster);
    return { type: "idle" };
  }
  const parsed = v.safeParse(EngineMessage, payload, { abortEarly: true });
  if (!parsed.success) {
    const issue = parsed.issues[0];
    return refused(`malformed message: ${v.getDotPath(issue) ?? "payload"}: ${issue.message}`);
  }
  const answer = await answerTo(cluster, parsed.output);
  await placePending(cluster);
  await keepSweeping(cluster);
  return answer;
}

function answerTo(cluster: Cluster, message: EngineMessage): Promise<EngineAnswer> {
  switch (message.type) {
    case "begin":
      return begin(cluster, message);
    case "report":
      return report(cluster, message);
    case "heartbeat":
      return heartbeat(cluster, message);
    case "fetch":
      return fetchUnits(cluster, message);
    case "park":
      return park(cluster, message);
    case "next":
      return nextLease(cluster, message);
    case "settle":
      return settleParked(cluster, message);
    case "ask":
      return askForTask(cluster, message);
    case "read":
      return readForTask(cluster, message);
  }
}
