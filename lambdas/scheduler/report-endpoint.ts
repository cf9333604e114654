import * as v from "valibot";
import { type EngineAnswer, refused } from "../protocol/engine-answer.ts";
import { OnFailureRecord } from "../protocol/on-failure-record.ts";
import { EngineMessage } from "../protocol/report-messages.ts";
import { askForTask } from "./messages/ask.ts";
import { begin } from "./messages/begin.ts";
import type { Cluster } from "./messages/cluster.ts";
import { fetchUnits } from "./messages/fetch.ts";
import { heartbeat } from "./messages/heartbeat.ts";
import { nextLease } from "./messages/next.ts";
import { onFailure } from "./messages/on-failure.ts";
import { park } from "./messages/park.ts";
import { readForTask } from "./messages/read.ts";
import { report } from "./messages/report.ts";
import { settleParked } from "./messages/settle.ts";
import { placePending } from "./placing/place-pending.ts";
import { keepSweeping } from "./rows/sweep-rule.ts";
import { schedulerEndpoint } from "./scheduler-endpoint.ts";

/**
 * The report function: processes messages of engines, which may invoke no other function, and Lambda's failure records.
 * Messages are not trusted: each must name a session that the scheduler created, and the nonce that began it.
 */
export async function reportEndpoint(cluster: Cluster, payload: unknown): Promise<EngineAnswer> {
  cluster.memory.fleet.sweeps = undefined;
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
      return askForTask(cluster, message, schedulerEndpoint);
    case "read":
      return readForTask(cluster, message);
  }
}
