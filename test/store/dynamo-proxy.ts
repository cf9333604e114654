import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { createTables } from "./store-tables.ts";

const dynalite = createRequire(import.meta.url)("dynalite") as (options: { createTableMs: number }) => Server;

/** A request as DynamoDB receives it. */
export interface DynamoRequest {
  /** The action, such as `PutItem`. */
  action: string;
  body: Record<string, unknown>;
}

/** What the proxy does with a request instead of forwarding it unchanged. */
export type Interference =
  /** Answers instead of DynamoDB. */
  | { status: number; answer: unknown }
  /** Forwards another request, and changes the answer. */
  | { send: unknown; answer: (answer: Record<string, unknown>) => unknown }
  /** Forwards it, and breaks the connection before the answer. */
  | { lose: true };

/** dynalite behind a proxy that sees every request and can interfere. */
export class DynamoProxy {
  readonly requests: DynamoRequest[] = [];
  interfere: (request: DynamoRequest) => Interference | undefined = () => undefined;
  readonly client: DynamoDBClient;
  readonly #backend: Server;
  readonly #proxy: Server;

  private constructor(backend: Server, proxy: Server) {
    this.#backend = backend;
    this.#proxy = proxy;
    this.client = new DynamoDBClient({
      endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      region: "eu-west-1",
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      cacheMiddleware: true,
      maxAttempts: 6,
    });
  }

  /** Starts both, with tables `tasks`, `engines` and `other-engines` that have the template's schema. */
  static async start(): Promise<DynamoProxy> {
    const backend = dynalite({ createTableMs: 0 });
    await listening(backend);
    const proxy: Server = createServer((incoming, outgoing) => {
      void self.#pass(incoming).then((answer) => {
        if (!answer) outgoing.destroy();
        else outgoing.writeHead(answer.status, { "content-type": "application/x-amz-json-1.0" }).end(answer.text);
      });
    });
    await listening(proxy);
    const self = new DynamoProxy(backend, proxy);
    await createTables(self.client);
    return self;
  }

  async stop(): Promise<void> {
    this.client.destroy();
    for (const server of [this.#proxy, this.#backend]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  async #pass(incoming: IncomingMessage): Promise<{ status: number; text: string } | undefined> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const action = String(incoming.headers["x-amz-target"]).split(".")[1] ?? "";
    const seen: DynamoRequest = { action, body: JSON.parse(text) as Record<string, unknown> };
    this.requests.push(seen);
    const interference = this.interfere(seen);
    if (interference && "status" in interference)
      return { status: interference.status, text: JSON.stringify(interference.answer) };
    const sent = interference && "send" in interference ? JSON.stringify(interference.send) : text;
    const answer = await this.#forward(incoming, sent);
    if (interference && "lose" in interference) return undefined;
    if (!interference) return answer;
    return {
      status: 200,
      text: JSON.stringify(interference.answer(JSON.parse(answer.text) as Record<string, unknown>)),
    };
  }

  #forward(incoming: IncomingMessage, body: string): Promise<{ status: number; text: string }> {
    const { port } = this.#backend.address() as AddressInfo;
    const headers = { ...incoming.headers, "content-length": Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const outgoing = request({ port, host: "127.0.0.1", method: "POST", path: "/", headers }, async (answer) => {
        const chunks: Buffer[] = [];
        for await (const chunk of answer) chunks.push(chunk as Buffer);
        resolve({ status: answer.statusCode ?? 500, text: Buffer.concat(chunks).toString() });
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
}

/** DynamoDB's answer if a table is throttled. */
export const THROTTLED: Interference = {
  status: 400,
  answer: {
    __type: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
    message: "The level of configured provisioned throughput for the table was exceeded.",
  },
};
