import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { listenOnLoopback } from "../../client/local/requests/request-guard.ts";

/** Faults that the proxy can inject into a call. */
export const CALL_FAULTS = ["fail 500", "fail 503", "throttle", "delay", "cut before", "cut after"] as const;
export type CallFault = (typeof CALL_FAULTS)[number];

type Service = "lambda" | "dynamodb" | "s3";
const DELAY_MS = 1_500;

/** A proxy between a client and one service, which fails, delays and cuts calls at random. */
export class ChaosProxy {
  readonly #service: Service;
  readonly #target: () => string;
  readonly #draw: () => CallFault | undefined;
  readonly #server: Server;

  /**
   * @param target returns the service's address, which changes when the cloud restarts
   * @param draw returns the fault for the next call; undefined: none
   */
  constructor(service: Service, target: () => string, draw: () => CallFault | undefined) {
    this.#service = service;
    this.#target = target;
    this.#draw = draw;
    this.#server = createServer((incoming, response) => void this.#receive(incoming, response));
    this.#server.keepAliveTimeout = 0;
  }

  async start(): Promise<string> {
    return `http://127.0.0.1:${await listenOnLoopback(this.#server)}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #receive(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.#draw();
    response.on("error", () => {});
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      // The client was killed in the middle of its request.
      return;
    }
    if (fault === "cut before") response.destroy();
    else if (fault === "fail 500" || fault === "fail 503") this.#fail(response, Number(fault.slice(5)));
    else if (fault === "throttle") this.#throttle(response);
    else if (fault === "delay") setTimeout(() => this.#pass(incoming, Buffer.concat(chunks), response), DELAY_MS);
    else this.#pass(incoming, Buffer.concat(chunks), response, fault === "cut after");
  }

  #pass(incoming: IncomingMessage, body: Buffer, response: ServerResponse, cut = false): void {
    const { host, port } = new URL(this.#target());
    const outgoing = request(
      { host: "127.0.0.1", port, method: incoming.method, path: incoming.url, headers: { ...incoming.headers, host } },
      (answer) => {
        if (cut) {
          answer.resume().once("end", () => response.destroy());
          return;
        }
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.on("error", () => response.destroy());
        answer.pipe(response);
      },
    );
    outgoing.on("error", () => response.destroy());
    outgoing.end(body);
  }

  #fail(response: ServerResponse, status: number): void {
    const name = status === 500 ? "InternalServerError" : "ServiceUnavailable";
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": name });
    response.end(this.#service === "s3" ? `<Error><Code>InternalError</Code></Error>` : `{"__type":"${name}"}`);
  }

  #throttle(response: ServerResponse): void {
    if (this.#service === "s3") {
      response.writeHead(503, { "content-type": "application/xml" });
      response.end("<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>");
      return;
    }
    const isTable = this.#service === "dynamodb";
    const name = isTable ? "ProvisionedThroughputExceededException" : "TooManyRequestsException";
    const type = isTable ? `com.amazonaws.dynamodb.v20120810#${name}` : name;
    response.writeHead(isTable ? 400 : 429, { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": name });
    response.end(JSON.stringify({ __type: type, message: "Rate exceeded" }));
  }
}
