import * as v from "valibot";
import { ClusterError, InvalidFlag, NotFinished, UnknownFunction } from "../protocol/errors.ts";
import { FantailError } from "../protocol/fantail-error.ts";
import type { SchedulerAnswer } from "../protocol/scheduler-answer.ts";
import { SchedulerMessage } from "../protocol/scheduler-messages.ts";
import { abort } from "./messages/abort.ts";
import type { Cluster } from "./messages/cluster.ts";
import { drain } from "./messages/drain.ts";
import { pull } from "./messages/pull.ts";
import { purge } from "./messages/purge.ts";
import { push } from "./messages/push.ts";
import { queueStatus } from "./messages/queue.ts";
import { restarted } from "./messages/restarted.ts";
import { resubmit } from "./messages/resubmit.ts";
import { scale } from "./messages/scale.ts";
import { status } from "./messages/status.ts";
import { submit } from "./messages/submit.ts";
import { sweep } from "./messages/sweep.ts";
import { tickForWaiter } from "./messages/tick.ts";
import { placePending } from "./placing/place-pending.ts";
import { keepSweeping } from "./rows/sweep-rule.ts";

/**
 * The scheduler function: processes messages from clients and from the one-minute rule. If it rejects a message, it
 * answers with a typed error; if it fails itself, it throws.
 */
export async function schedulerEndpoint(cluster: Cluster, payload: unknown): Promise<SchedulerAnswer> {
  const parsed = v.safeParse(SchedulerMessage, payload, { abortEarly: true });
  if (!parsed.success) {
    const issue = parsed.issues[0];
    return {
      type: "error",
      code: "Refused",
      message: `malformed message: ${v.getDotPath(issue) ?? "payload"}: ${issue.message}`,
    };
  }
  const message = parsed.output;
  cluster.memory.fleet.sweeps = undefined;
  try {
    const answer = await answerTo(cluster, message);
    await placePending(cluster);
    return answer;
  } catch (error) {
    // The cluster's own failures are thrown, not answered, so that the client sends the message again.
    if (!(error instanceof FantailError) || error instanceof ClusterError) throw error;
    const flag = error instanceof InvalidFlag ? { flag: error.flag } : {};
    const task = error instanceof NotFinished ? { taskId: error.taskId } : {};
    const near = error instanceof UnknownFunction ? { near: [...error.near] } : {};
    return { type: "error", code: error.code, message: error.message, ...flag, ...task, ...near };
  }
}

async function answerTo(cluster: Cluster, message: SchedulerMessage): Promise<SchedulerAnswer> {
  switch (message.type) {
    case "submit": {
      const { existing, ended } = await submit(cluster, message);
      return { type: "ok", ...(existing.length > 0 ? { standing: existing } : {}), ...(ended ? { ended } : {}) };
    }
    case "abort":
      await abort(cluster, message);
      return { type: "ok" };
    case "resubmit":
      return { type: "resubmitted", headers: await resubmit(cluster, message) };
    case "purge":
      await purge(cluster, message);
      return { type: "ok" };
    case "push":
      await push(cluster, message);
      return { type: "ok" };
    case "pull":
      return { type: "values", values: await pull(cluster, message) };
    case "tick": {
      const again = await tickForWaiter(cluster);
      return again === undefined ? { type: "ok" } : { type: "ok", again };
    }
    case "sweep":
      await sweep(cluster);
      return { type: "ok" };
    case "restarted":
      await restarted(cluster, message);
      await keepSweeping(cluster);
      return { type: "ok" };
    case "scale":
      await scale(cluster, message);
      return { type: "status", status: await status(cluster) };
    case "drain":
      await drain(cluster, message);
      return { type: "status", status: await status(cluster) };
    case "queue":
      return { type: "queue", queue: await queueStatus(cluster) };
    case "status":
      return { type: "status", status: await status(cluster) };
  }
}
