import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { invariant } from "../../../lambdas/protocol/invariant.ts";
import { gcArguments } from "../processes/gc-arguments.ts";
import type { EnvironmentSetup, Host, HostEvents } from "./environment-host.ts";
import { encodeFrame, type Frame, FrameReader } from "./frames.ts";
import type { Death } from "./function-failure.ts";

/** Starts a process for an environment, in the function's folder. */
export function startEnvironmentProcess(setup: EnvironmentSetup, heapMb: number, events: HostEvents): Host {
  const heap = `--max-old-space-size=${heapMb}`;
  const child = spawn(process.execPath, [...gcArguments(), heap, setup.bootstrap, setup.functionArn], {
    cwd: setup.folder,
    env: setup.variables,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  child.stdout?.setEncoding("utf8").on("data", setup.log);
  child.stderr?.setEncoding("utf8").on("data", setup.log);
  const link = child.stdio[3];
  invariant(link instanceof Socket, "an environment's process has no socket at descriptor 3");
  const frames = new FrameReader();
  link.on("data", (chunk: Buffer) => {
    let received: Frame[];
    try {
      received = frames.push(chunk);
    } catch (error) {
      // The function's code wrote to the socket. Its environment must not end the cloud.
      setup.log(`${error}: something other than Lambda's client has written to descriptor 3\n`);
      child.kill("SIGKILL");
      return;
    }
    for (const frame of received) events.received(frame);
  });
  link.on("error", () => {});
  const ended = new Promise<Death>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ? { by: "signal", signal } : { by: "exit", code: code ?? 1 }));
    child.once("error", () => resolve({ by: "exit", code: 1 }));
  });
  const drained = new Promise((resolve) => link.once("close", resolve));
  // Report the end only after the messages that the process sent before it.
  void Promise.all([ended, drained]).then(([death]) => events.ended(death));
  return {
    pid: child.pid,
    invoke: (header, payload) => void link.write(encodeFrame("invoke", header, payload)),
    kill: () => void child.kill("SIGKILL"),
  };
}
