import type { IncomingMessage } from "node:http";
import type { Server } from "node:net";
import { invariant } from "../../../lambdas/protocol/invariant.ts";

/**
 * Whether a request comes from a program on this machine and not from a web page: its Host is this server's own
 * address, not a name that resolves to 127.0.0.1, and it has no Origin.
 */
export function isFromProgram(request: IncomingMessage, port: number): boolean {
  const { host, origin } = request.headers;
  return origin === undefined && (host === `127.0.0.1:${port}` || host === `localhost:${port}`);
}

/**
 * Listens on loopback. Resolves to the port.
 *
 * @param port default 0: any free port
 */
export async function listenOnLoopback(server: Server, port = 0): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  invariant(address !== null && typeof address !== "string", "a server on loopback has no port");
  return address.port;
}
