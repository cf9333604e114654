import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ClusterEnded } from "../../client/cluster/cluster-ended.ts";
import { embeddedCall } from "../../client/cluster/embedded-call.ts";
import type { Connection } from "../../client/connection/connection.ts";
import { listenOnLoopback } from "../../client/local/requests/request-guard.ts";
import { VirtualClock } from "./virtual-clock.ts";

const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });

/** The connection of a cluster that this process owns, whose Lambda endpoint is open or closed. */
async function aConnection(open: boolean): Promise<Connection> {
  const server = createServer();
  const lambda = `http://127.0.0.1:${await listenOnLoopback(server)}`;
  if (!open) server.close();
  onTestFinished(() => void server.close());
  const names = { scheduler: "s", taskTable: "t", engineTable: "e", blobBucket: "b", scheme: "lru" };
  const endpoints = { lambda, dynamodb: "http://127.0.0.1:1", s3: lambda };
  return { ...names, region: "us-east-1", endpoints, pools: [], hwm: 0, pid: process.pid };
}

/** Returns a call that fails a number of times before it succeeds. */
function failing(times: number, error: Error = refused) {
  const calls = { made: 0 };
  const call = async () => {
    if (++calls.made <= times) throw error;
    return "done";
  };
  return { calls, call };
}

/** Advances the clock until the call ends. Each check of the endpoint takes some turns of the real event loop. */
async function settled<T>(clock: VirtualClock, result: Promise<T>): Promise<T> {
  const isOver = { value: false };
  const over = result.finally(() => {
    isOver.value = true;
  });
  over.catch(() => {});
  while (!isOver.value) await clock.advance(100);
  return over;
}

test("a call is repeated while a service of a running cluster is started again", async () => {
  const { calls, call } = failing(5);
  const clock = new VirtualClock();
  expect(await settled(clock, embeddedCall(await aConnection(true), call, clock))).toBe("done");
  expect(calls.made).toBe(6);
});

test("a service that does not return is a retryable error that says what is happening", async () => {
  const { call } = failing(Number.POSITIVE_INFINITY);
  const clock = new VirtualClock();
  const error = await settled(clock, embeddedCall(await aConnection(true), call, clock)).catch((why: unknown) => why);
  expect(error).toMatchObject({ name: "ClusterError", retryable: true });
  expect(String(error)).toContain("has not answered for 15 s: connect ECONNREFUSED");
});

test("a call to a cluster whose process is gone fails at once", async () => {
  const { calls, call } = failing(1);
  await expect(embeddedCall(await aConnection(false), call)).rejects.toBeInstanceOf(ClusterEnded);
  expect(calls.made).toBe(1);
});

test("other failures, and those of clusters on AWS, are not repeated", async () => {
  const denied = failing(1, new Error("AccessDenied"));
  await expect(embeddedCall(await aConnection(true), denied.call)).rejects.toThrow("AccessDenied");
  const { pid: _, endpoints: __, ...onAws } = await aConnection(true);
  await expect(embeddedCall(onAws, failing(1).call)).rejects.toBe(refused);
});
