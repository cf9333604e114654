import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Starts a worker process of a driver, and waits until it says that it is up. */
export async function forkWorker(file: string, ...argv: string[]): Promise<ChildProcess> {
  const child = fork(new URL(file, import.meta.url), argv, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = once(child, "exit").then(() => {
    throw new Error(`${file} ended before it was up`);
  });
  await Promise.race([once(child, "message"), ended]);
  ended.catch(() => undefined);
  return child;
}

/** Within a worker: says that it is up, and ends it with its driver. */
export function sayUp(): void {
  process.on("disconnect", () => process.exit(0));
  process.send?.("up");
}

/** Ends a process: it is asked to, and after two seconds it is killed. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const killing = setTimeout(() => child.kill("SIGKILL"), 2000);
  await ended;
  clearTimeout(killing);
}

/** Ports of the loopback address on which nobody listens now. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  const ports: number[] = [];
  for (const server of servers) {
    if (!server.listening) await once(server, "listening");
    const address = server.address();
    if (typeof address === "object" && address !== null) ports.push(address.port);
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
}

/** Repeats what fails until it succeeds, for at most 30 seconds. */
export async function untilDone<T>(action: () => Promise<T>): Promise<T> {
  const end = performance.now() + 30_000;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(20);
    }
  }
}
