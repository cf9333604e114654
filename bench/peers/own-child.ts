import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Starts a worker process of a driver and waits until the worker reports that it is ready. */
export async function forkWorker(file: string, ...argv: string[]): Promise<ChildProcess> {
  const child = fork(new URL(file, import.meta.url), argv, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = once(child, "exit").then(() => {
    throw new Error(`the worker ${file} ended before it was ready`);
  });
  await Promise.race([once(child, "message"), ended]);
  ended.catch(() => undefined);
  return child;
}

/** In a worker: reports that the worker is ready, and makes it end when its driver ends. */
export function sayUp(): void {
  process.on("disconnect", () => process.exit(0));
  process.send?.("up");
}

/** Ends a process with SIGTERM; if it is still alive after two seconds, with SIGKILL. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const killing = setTimeout(() => child.kill("SIGKILL"), 2000);
  await ended;
  clearTimeout(killing);
}

/** Returns free ports of the loopback address. */
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

/** Repeats an action until it succeeds. Rethrows its error after 30 seconds. */
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
