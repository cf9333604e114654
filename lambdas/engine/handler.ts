import * as v from "valibot";
import { LambdaReportEndpoint, reportClient } from "../adapters/report-endpoint.ts";
import { EngineEvent } from "../protocol/engine-event.ts";
import { lazyBlobs } from "./supervisor/lazy-blobs.ts";
import { runSession, type SessionSummary } from "./supervisor/run-session.ts";
import { TaskWorker } from "./supervisor/task-worker.ts";
import { UnitCache } from "./supervisor/unit-cache.ts";
import { workerEnvironment } from "./supervisor/worker-environment.ts";

const environment = process.env;
const codeShipping = v.parse(v.picklist(["on", "off"]), environment.FANTAIL_CODE_SHIPPING) === "on";
const client = reportClient();
const blobs = lazyBlobs(environment.FANTAIL_BLOB_BUCKET ?? "");
const units = new UnitCache();
const worker = new TaskWorker({
  entry: new URL("./worker.mjs", import.meta.url),
  pool: environment.FANTAIL_POOL ?? "default",
  memoryMb: Number(environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? 1769),
  environment: workerEnvironment(environment),
  blobs,
  codeShipping,
  functions: new URL("./functions.mjs", import.meta.url),
});
worker.warmUp();

/** Entry point of an engine pool's function. Each invocation is one session of one virtual engine. */
export async function engine(event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<SessionSummary> {
  const parsed = v.parse(EngineEvent, event);
  const endpoint = new LambdaReportEndpoint(client, parsed.door);
  const leftMs = context.getRemainingTimeInMillis();
  return runSession(parsed, { endpoint, blobs, worker, units, codeShipping, leftMs });
}
