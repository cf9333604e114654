import { createHash } from "node:crypto";
import { brotliCompressSync, constants } from "node:zlib";
import { afterEach } from "vitest";
import type { Clock } from "../../lambdas/adapters/clock.ts";
import { EmbeddedMetrics } from "../../lambdas/adapters/embedded-metrics.ts";
import { jsonLog } from "../../lambdas/adapters/json-log.ts";
import type { ReportEndpoint } from "../../lambdas/adapters/report-endpoint.ts";
import { engineClock } from "../../lambdas/engine/supervisor/engine-clock.ts";
import { EngineUsage } from "../../lambdas/engine/supervisor/engine-usage.ts";
import { runSession, type SessionSummary } from "../../lambdas/engine/supervisor/run-session.ts";
import { TaskWorker } from "../../lambdas/engine/supervisor/task-worker.ts";
import { UnitCache } from "../../lambdas/engine/supervisor/unit-cache.ts";
import { workerEnvironment } from "../../lambdas/engine/supervisor/worker-environment.ts";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import type { CodeUnit, EncodedValue } from "../../lambdas/protocol/function-reference.ts";
import type { Grant } from "../../lambdas/protocol/grant.ts";
import { ENGINE_METRICS } from "../../lambdas/protocol/metric-names.ts";
import type { ReportedEntry } from "../../lambdas/protocol/report-messages.ts";
import { storedBytes } from "../stored-bytes.ts";
import { MemoryBlobs } from "./memory-blobs.ts";
import { ScriptedEndpoint } from "./scripted-endpoint.ts";
import { workerEntry } from "./worker-entry.ts";

export const JOB = "01JD0000000000000000000000";

/** Returns the text of an encoded value. Tests that use blobs read those separately. */
export function text(value: unknown): string {
  const encoded = encodeValue(value, "value");
  if (typeof encoded !== "string") throw new Error("too long to be inline");
  return encoded;
}

/**
 * Returns the code unit of a function, or of its text. The function may use `task` and, as `captured`, the values sent
 * with it.
 */
export function aUnit(fn: ((...args: never[]) => unknown) | string): CodeUnit {
  const source = `() => (captured, { own: { task } }) => (${fn})`;
  const hash = createHash("sha256").update(source).digest("hex");
  const body = brotliCompressSync(source, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }).toString("base64");
  return { hash, body };
}

/** Returns a lease that calls `fn` with each of `calls`; indexes begin at 0. */
export function aLease(
  fn: ((...args: never[]) => unknown) | string,
  calls: unknown[][],
  more: Partial<Grant> = {},
): Grant {
  const unit = aUnit(fn);
  return {
    job: JOB,
    seq: 1,
    tasks: calls.map((args, index) => [index, 1, 0, text(args)]),
    functions: [{ code: unit.hash, at: "table", name: "fn" }],
    units: [unit],
    chunked: false,
    aimMs: 60_000,
    ...more,
  };
}

export interface EngineSetting {
  leftMs?: number;
  memoryMb?: number;
  environment?: NodeJS.ProcessEnv;
  blobs?: MemoryBlobs;
  /** The supervisor's clock. Default: the machine's. */
  clock?: Clock;
  /** Whether code sent by clients may run. Default true. */
  codeShipping?: boolean;
  /** The module with the deployed functions. Default: none. */
  functions?: URL;
}

/** An engine's environment: a real worker, and one invocation after another. */
export class TestEngine {
  readonly blobs: MemoryBlobs;
  readonly units = new UnitCache();
  readonly worker: TaskWorker;
  readonly codeShipping: boolean;
  readonly clock: Clock;
  /** The time that Lambda grants each invocation, in milliseconds. */
  leftMs: number;
  /** The lines of its log. */
  readonly logged: Record<string, unknown>[] = [];
  /** Namespace of its metrics. Default: it writes none. */
  namespace: string | undefined;

  constructor(entry: URL, setting: EngineSetting) {
    const { leftMs = 900_000, memoryMb = 1769, environment = {}, blobs, codeShipping = true, functions } = setting;
    this.clock = setting.clock ?? engineClock;
    this.blobs = blobs ?? new MemoryBlobs();
    this.leftMs = leftMs;
    this.codeShipping = codeShipping;
    this.worker = new TaskWorker({
      entry,
      pool: "default",
      memoryMb,
      environment: workerEnvironment(environment),
      blobs: this.blobs,
      codeShipping,
      functions: functions ?? new URL("./functions.mjs", entry),
    });
  }

  invoke(endpoint: ReportEndpoint, event: Partial<EngineEvent> = {}): Promise<SessionSummary> {
    const { blobs, worker, units, clock, codeShipping, leftMs } = this;
    const usage = new EngineUsage(clock);
    const log = jsonLog(
      "info",
      () => clock.now(),
      (line) => this.logged.push(JSON.parse(line)),
    );
    const place = { namespace: this.namespace, dimension: ["Pool", "default"] } as const;
    const metrics = new EmbeddedMetrics(
      place,
      ENGINE_METRICS,
      () => clock.now(),
      (line) => this.logged.push(JSON.parse(line)),
    );
    const parts = { endpoint, blobs, worker, units, usage, clock, codeShipping, leftMs, log, metrics };
    return runSession({ engine: 3, session: "session-0123456789", door: "report", ...event }, parts);
  }
}

const engines: TestEngine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.worker.kill();
});

export async function anEngine(setting: EngineSetting = {}): Promise<TestEngine> {
  const engine = new TestEngine(await workerEntry(), setting);
  engines.push(engine);
  return engine;
}

/** Returns an engine whose thread has started and run a task, so that tests do not measure the start. */
export async function aWarmEngine(setting: EngineSetting = {}): Promise<TestEngine> {
  const engine = await anEngine({ ...setting, leftMs: 900_000 });
  await engine.invoke(new ScriptedEndpoint([aLease(() => 1, [[]])]));
  engine.leftMs = setting.leftMs ?? 900_000;
  return engine;
}

/** Returns the value that an entry reports, inline or in a blob. */
export function resultOf(entry: ReportedEntry | undefined, blobs?: MemoryBlobs): unknown {
  return decoded(entry?.value, blobs);
}

export function decoded(value: EncodedValue | undefined, blobs?: MemoryBlobs): unknown {
  if (typeof value === "string") return decodeValue(value);
  if (value === undefined) throw new Error("no value");
  return decodeValue(storedBytes(value, blobs?.stored ?? new Map()));
}
