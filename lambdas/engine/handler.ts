import * as v from "valibot";
import { LambdaReportEndpoint, reportClient } from "../adapters/report-endpoint.ts";
import { EngineEvent } from "../protocol/engine-event.ts";
import { engineSettings } from "./environment.ts";
import { engineClock } from "./supervisor/engine-clock.ts";
import { lazyBlobs } from "./supervisor/lazy-blobs.ts";
import { runSession, type SessionSummary } from "./supervisor/run-session.ts";
import { TaskWorker } from "./supervisor/task-worker.ts";
import { UnitCache } from "./supervisor/unit-cache.ts";
import { workerEnvironment } from "./supervisor/worker-environment.ts";

const { blobBucket, pool, memoryMb, codeShipping } = engineSettings(process.env);
const client = reportClient();
const blobs = lazyBlobs(blobBucket);
const units = new UnitCache();
const worker = new TaskWorker({
  entry: new URL("./worker.mjs", import.meta.url),
  pool,
  memoryMb,
  environment: workerEnvironment(process.env),
  blobs,
  codeShipping,
  functions: new URL("./functions.mjs", import.meta.url),
});
worker.warmUp();

/** Entry point of an engine pool's function. Each invocation is one session of one virtual engine. */
export async function engine(event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<SessionSummary> {
  const parsed = v.parse(EngineEvent, event);
  const endpoint = new LambdaReportEndpoint(client, parsed.door, engineClock);
  const leftMs = context.getRemainingTimeInMillis();
  return runSession(parsed, { endpoint, blobs, worker, units, clock: engineClock, codeShipping, leftMs });
}
