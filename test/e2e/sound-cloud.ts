import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect } from "vitest";
import type { ClusterStatus, SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import type { SchedulerMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { unsound } from "../simulation/unsound.ts";
import { type Cell, readTables } from "./read-tables.ts";

/** Sends a cluster's scheduler function a message, bypassing any client. */
export async function askScheduler(
  { connection }: Cell,
  message: SchedulerMessage | Record<string, unknown>,
): Promise<SchedulerAnswer> {
  const { region, endpoints, credentials, scheduler } = connection;
  if (!endpoints || !credentials) throw new Error("the embedded cloud tells no endpoints");
  const lambda = new LambdaClient({ region, endpoint: endpoints.lambda, credentials: { ...credentials } });
  try {
    const Payload = Buffer.from(JSON.stringify(message));
    const answer = await lambda.send(new InvokeCommand({ FunctionName: scheduler, Payload }));
    if (answer.FunctionError) throw new Error(Buffer.from(answer.Payload ?? []).toString());
    return JSON.parse(Buffer.from(answer.Payload ?? []).toString()) as SchedulerAnswer;
  } finally {
    lambda.destroy();
  }
}

export async function statusOf(cell: Cell): Promise<ClusterStatus> {
  const answer = await askScheduler(cell, { type: "status" });
  if (answer.type !== "status") throw new Error(JSON.stringify(answer));
  return answer.status;
}

/**
 * Waits until no engine holds anything and nothing is queued: the last report may still be under way when its results
 * arrive.
 */
export async function expectAtRest(cell: Cell): Promise<void> {
  await expect
    .poll(async () => summary(await statusOf(cell)), { timeout: 15_000, interval: 50 })
    .toEqual({ hints: 0, loads: 0 });
}

/**
 * Waits until a cluster is at rest, and expects that its tables satisfy the invariants of the simulation. Call it at
 * the end of every test that runs tasks on a cloud.
 */
export async function expectSoundCloud(cell: Cell): Promise<void> {
  await expectAtRest(cell);
  const look = async () => unsound(await readTables(cell), Date.now());
  const left = await look();
  if (left.length === 0) return;
  // Sessions end a moment later, and the sweeps clean up the rest.
  await expect
    .poll(
      async () => {
        await askScheduler(cell, { type: "sweep" });
        return look();
      },
      { timeout: 15_000, interval: 100 },
    )
    .toEqual([]);
}

function summary({ engines, hints }: ClusterStatus): { hints: number; loads: number } {
  return { hints, loads: engines.reduce((sum, { load }) => sum + load, 0) };
}
