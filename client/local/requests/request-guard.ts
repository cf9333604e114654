import type { IncomingMessage } from "node:http";
import type { Server } from "node:net";
import { invariant } from "../../../lambdas/protocol/invariant.ts";

/**
 * Whether a request comes from a program on this machine and not from a web page: its Host is 127.0.0.1 or localhost
 * with this server's port, not another name that resolves there, and it has no Origin.
 */
export function isFromProgram(request: IncomingMessage, port: number): boolean {
  return request.headers.origin === undefined && isForLoopback(request, port);
}

/**
 * Whether a request comes from a page of this server, or from a program on this machine: its Host is 127.0.0.1 or
 * localhost with this server's port, and its Origin, if it has one, names the same host and port.
 */
export function isFromOwnPage(request: IncomingMessage, port: number): boolean {
  const { host, origin } = request.headers;
  return isForLoopback(request, port) && (origin === undefined || origin === `http://${host}`);
}

function isForLoopback({ headers: { host } }: IncomingMessage, port: number): boolean {
  return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
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
