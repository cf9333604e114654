import * as v from "valibot";
import { EmbeddedMetrics } from "../adapters/embedded-metrics.ts";
import { jsonLog } from "../adapters/json-log.ts";
import { LambdaReportEndpoint, reportClient } from "../adapters/report-endpoint.ts";
import { EngineEvent } from "../protocol/engine-event.ts";
import { ENGINE_METRICS } from "../protocol/metric-names.ts";
import { engineSettings } from "./environment-variables.ts";
import { engineClock } from "./supervisor/engine-clock.ts";
import { EngineUsage } from "./supervisor/engine-usage.ts";
import { lazyBlobs } from "./supervisor/lazy-blobs.ts";
import { runSession, type SessionSummary } from "./supervisor/run-session.ts";
import { TaskWorker } from "./supervisor/task-worker.ts";
import { UnitCache } from "./supervisor/unit-cache.ts";
import { workerEnvironment } from "./supervisor/worker-environment.ts";

const { blobBucket, pool, memoryMb, codeShipping, logLevel, metricsNamespace } = engineSettings(process.env);
const scope = { namespace: metricsNamespace, dimension: ["Pool", pool] } as const;
const metrics = new EmbeddedMetrics(scope, ENGINE_METRICS, Date.now);
const logs = { log: jsonLog(logLevel, Date.now), metrics };
const client = reportClient();
const usage = new EngineUsage(engineClock);
const blobs = lazyBlobs(blobBucket, usage);
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
  return usage.during(() =>
    runSession(parsed, { endpoint, blobs, worker, units, usage, clock: engineClock, codeShipping, leftMs, ...logs }),
  );
}
