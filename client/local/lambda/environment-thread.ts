import { Buffer } from "node:buffer";
import { Worker } from "node:worker_threads";
import * as v from "valibot";
import type { EnvironmentSetup, Host, HostEvents } from "./environment-host.ts";
import { FRAME_KINDS } from "./frames.ts";
import type { Death } from "./function-failure.ts";

/** What an environment's thread sends: a frame, whose payload is text. */
const Sent = v.strictObject({ kind: v.picklist(FRAME_KINDS), payload: v.string() });

/**
 * Starts a thread for an environment, with a heap and environment variables of its own.
 *
 * A process takes 100 ms of CPU more to start, and 45 MB more of memory. A thread shares the cloud's process and its
 * working directory, and would take it along in a crash of Node itself, so it is for this package's own code only.
 */
export function startEnvironmentThread(setup: EnvironmentSetup, heapMb: number, events: HostEvents): Host {
  const worker = new Worker(setup.bootstrap, {
    argv: [setup.functionArn],
    env: setup.variables,
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
  worker.stdout.setEncoding("utf8").on("data", setup.log);
  worker.stderr.setEncoding("utf8").on("data", setup.log);
  let death: Death | undefined;
  worker.on("message", (message) => {
    const { kind, payload } = v.parse(Sent, message);
    events.received({ kind, header: "", payload: Buffer.from(payload) });
  });
  worker.on("error", (error) => {
    // A process would write this, and on a full heap abort.
    setup.log(`${error.stack ?? error}\n`);
    if ("code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY") death = { by: "signal", signal: "SIGABRT" };
  });
  // Messages sent before it ended come first.
  worker.once("exit", (code) => events.ended(death ?? { by: "exit", code }));
  return {
    pid: undefined,
    invoke(header, payload) {
      // A copy of its own: only whole buffers can be handed over.
      const bytes = new Uint8Array(payload);
      worker.postMessage({ header, payload: bytes }, [bytes.buffer]);
    },
    kill: () => void worker.terminate(),
  };
}
