import { Buffer } from "node:buffer";
import { Worker } from "node:worker_threads";
import * as v from "valibot";
import { YOUNG_MB } from "../processes/young-generation.ts";
import type { EnvironmentSetup, Host, HostEvents } from "./environment-host.ts";
import { FRAME_KINDS } from "./frames.ts";
import type { Death } from "./function-failure.ts";

/** A message from an environment's thread: a frame whose payload is text. */
const Sent = v.strictObject({ kind: v.picklist(FRAME_KINDS), payload: v.string() });

/**
 * Starts a thread for an environment, with its own heap and environment variables.
 *
 * A process would need 100 ms more CPU to start and 45 MB more memory. But a thread shares the cloud's working
 * directory, and a crash of Node in it ends the cloud, so threads run only this package's own code.
 */
export function startEnvironmentThread(setup: EnvironmentSetup, heapMb: number, events: HostEvents): Host {
  const worker = new Worker(setup.bootstrap, {
    argv: [setup.functionArn],
    env: setup.variables,
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: YOUNG_MB },
  });
  worker.stdout.setEncoding("utf8").on("data", setup.log);
  worker.stderr.setEncoding("utf8").on("data", setup.log);
  let death: Death | undefined;
  worker.on("message", (message) => {
    const { kind, payload } = v.parse(Sent, message);
    events.received({ kind, header: "", payload: Buffer.from(payload) });
  });
  worker.on("error", (error) => {
    // Do what a process does by itself: write the error, and abort if the heap is full.
    setup.log(`${error.stack ?? error}\n`);
    if ("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") death = { by: "signal", signal: "SIGABRT" };
  });
  // Node emits `exit` only after the messages that the thread sent before it ended.
  worker.once("exit", (code) => events.ended(death ?? { by: "exit", code }));
  return {
    pid: undefined,
    invoke(header, payload) {
      // Only a whole ArrayBuffer can be transferred, and `payload` may be part of one, so copy it.
      const bytes = new Uint8Array(payload);
      worker.postMessage({ header, payload: bytes }, [bytes.buffer]);
    },
    kill: () => void worker.terminate(),
  };
}
