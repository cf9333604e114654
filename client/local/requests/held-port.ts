import { createServer, type Socket } from "node:net";
import { listenOnLoopback } from "./request-guard.ts";

/** A port at which callers wait for a server that is restarting. */
export interface HeldPort {
  /** Frees the port and closes the waiting connections, whose callers then repeat their requests. */
  release(): Promise<void>;
}

/**
 * Accepts connections at a port without answering, so that callers wait instead of using up their retries on refused
 * connections.
 *
 * @throws the system's error if another process has taken the port
 */
export async function holdPort(port: number): Promise<HeldPort> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
  });
  await listenOnLoopback(server, port);
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
