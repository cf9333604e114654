import { types } from "node:util";
import { parentPort, workerData } from "node:worker_threads";
import { bringDeployed } from "../../authoring/deployed-names.ts";
import { Traces } from "../../authoring/open-telemetry.ts";
import { scopeClasses } from "../../protocol/class-registry.ts";
import { invariant } from "../../protocol/invariant.ts";
import { messageOf } from "../messages/message-of.ts";
import { SharedOutput } from "../messages/shared-output.ts";
import type { FromWorker, ToWorker, WorkerSettings } from "../messages/worker-messages.ts";
import { captureConsole } from "./console-capture.ts";
import { DeployedFunctions } from "./deployed-functions.ts";
import { engineExports } from "./engine-exports.ts";
import { leadStacksHome } from "./home-frames.ts";
import { OutputNotifier } from "./output-notifier.ts";
import { currentRun } from "./task-run.ts";
import { WorkerBlobs } from "./worker-blobs.ts";
import { WorkerFunctions } from "./worker-functions.ts";
import { LeaseInWorker, type TaskThread } from "./worker-lease.ts";
import { WorkerViews } from "./worker-views.ts";

/**
 * The thread in which tasks run. It cannot reach the cluster. The main thread supervises it and may end it at any time.
 */

invariant(parentPort, "the worker was not started in a worker thread");
const port = parentPort;
// Not validated: the supervisor that passes it is from the same build.
const settings: WorkerSettings = workerData;
const { pool, codeShipping, functions: functionsUrl, output, coldFrom } = settings;
const post = (message: FromWorker) => port.postMessage(message);

const blobs = new WorkerBlobs(post);
const deployed = new DeployedFunctions(functionsUrl);
const functions = new WorkerFunctions(blobs, deployed, codeShipping);
const code = () => ({ shipping: codeShipping, functions: deployed.loaded && [...deployed.loaded.keys()] });
const views = new WorkerViews(post, { exports: engineExports, code });
const outputs = new OutputNotifier(post, new SharedOutput(output));
const thread: TaskThread = { pool, port, functions, blobs, views, coldFrom, onWrite: outputs.wrote };
let current: LeaseInWorker | undefined;
let isDying = false;
let isTracing = false;

leadStacksHome(isEngineScript);
captureConsole();
bringDeployed(deployed);
scopeClasses((name) => currentRun.getStore()?.classes?.(name));
port.on("message", (message: ToWorker) => {
  switch (message.type) {
    case "lease":
      functions.add(message.units);
      current = new LeaseInWorker(message.lease, thread);
      if (message.lease.trace && !isTracing) void startTracing(current);
      else void current.run();
      return;
    case "stop":
      if (current?.running?.position === message.position) current.running.stop(message.reason);
      return;
    case "blob":
      return blobs.answer(message.id, message.bytes);
    case "noBlob":
      return blobs.answer(message.id, message.message);
    case "stored":
      return current?.batch.stored(message.bytes);
    case "reported":
      return current?.trace?.reported(message.sent, message.answered);
    case "flush":
      return void Traces.get()
        ?.flush()
        .then(() => post({ type: "flushed" }));
    case "answer":
      return views.answered(message.id, message.value);
    case "noAnswer":
      return views.failed(message.id, message.message);
  }
});

/**
 * Runs the first lease of a job with a trace. If nothing has registered an OpenTelemetry SDK in this thread yet, the
 * module of deployed functions may do so when it is loaded.
 */
async function startTracing(lease: LeaseInWorker): Promise<void> {
  // If it cannot be loaded, the tasks that need it fail with the reason.
  if (!Traces.get()) await deployed.load().catch(() => undefined);
  if (Traces.get()) {
    isTracing = true;
    post({ type: "tracing" });
  }
  await lease.run();
}

process.on("exit", (code) => die(`the task called process.exit(${code})`));
process.on("uncaughtException", (error) => orphan("an uncaught exception", error));
process.on("unhandledRejection", (reason) => orphan("an unhandled promise rejection", reason));

/**
 * Handles an error that no task caught. The task that caused it fails, and the thread ends; if that task has already
 * ended, the error is only logged.
 */
function orphan(label: string, thrown: unknown): void {
  const culprit = currentRun.getStore() ?? current?.running;
  if (culprit === undefined || culprit.ended) {
    // The task that caused the error already has its outcome, and the running task is not to blame.
    console.error(`fantail: ${label} after the end of its task:`, thrown);
    return;
  }
  die(`the task caused ${label}: ${messageOf(thrown)}`, framesOf(thrown));
  process.exit(1);
}

/** Maximum length of a reported stack, in characters. */
const FRAME_CHARS = 8_000;

/** The stack frames of a thrown value, as lines; empty if it has none. */
function framesOf(thrown: unknown): string {
  const stack = types.isNativeError(thrown) ? String(thrown.stack) : "";
  const start = stack.indexOf("\n    at ");
  return start < 0 ? "" : stack.slice(start, start + FRAME_CHARS);
}

/** Sends the remaining results and the cause of death, once: the exit that follows calls this function again. */
function die(message: string, frames = ""): void {
  if (isDying) return;
  isDying = true;
  current?.batch.flush();
  const culprit = currentRun.getStore() ?? current?.running;
  post({ type: "dying", note: { message, frames, culprit: culprit && !culprit.ended ? culprit.position : "none" } });
}

/** Whether a script belongs to the engine. Its bundles lie in one folder, together with the deployed functions. */
function isEngineScript(script: string): boolean {
  return script !== functionsUrl && script.startsWith(new URL(".", import.meta.url).href);
}

post({ type: "ready" });
