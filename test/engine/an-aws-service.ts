import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";

/**
 * How a request is answered: with a status and body, or not at all: `lose` breaks the connection, `stall` leaves it
 * open.
 */
export type Reply = { status: number; body: string | Uint8Array; headers?: Record<string, string> } | "lose" | "stall";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Starts a server that answers with `reply`. Returns the settings with which an AWS client uses it. */
export async function anAwsService(
  reply: (request: { method: string; path: string; body: Buffer; headers: IncomingHttpHeaders }) => Reply,
) {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const answer = reply({ method, path: url.replace(/\?.*/, ""), body: Buffer.concat(chunks), headers });
      if (answer === "stall") return;
      if (answer === "lose") return response.destroy();
      return response.writeHead(answer.status, answer.headers ?? {}).end(answer.body);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region: "eu-west-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
}
