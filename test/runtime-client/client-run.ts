import { Buffer } from "node:buffer";
import { type ChildProcess, spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { deathOutcome, type InvocationOutcome } from "../../client/local/lambda/function-failure.ts";
import type { FunctionCase } from "./function-cases.ts";
import { ARN, comparable, type Outcomes, REQUEST, TRACE, unpack } from "./function-run.ts";

/** Runs a function with AWS's runtime client. If its process ends, another one continues. */
export async function runByClient(tried: FunctionCase, folder: string, client: string): Promise<Outcomes> {
  const { events = [{}], timeoutSeconds = 20 } = tried;
  const variables = unpack(tried, folder);
  const platform = await Platform.start(client, folder, variables, timeoutSeconds);
  try {
    const outcomes: Outcomes = [];
    for (const event of events) outcomes.push(comparable(await platform.invoke(event)));
    return outcomes;
  } finally {
    platform.stop();
  }
}

/** Lambda's side of the Runtime API. Enforces timeouts and reports ended processes in the embedded cloud's words. */
class Platform {
  readonly #server: Server;
  readonly #spawn: () => ChildProcess;
  readonly #timeoutSeconds: number;
  #child: ChildProcess | undefined;
  #waiting: ServerResponse | undefined;
  #event: string | undefined;
  #failedInit: Buffer | undefined;
  #settle: (outcome: InvocationOutcome) => void = () => {};

  private constructor(client: string, folder: string, env: Record<string, string>, timeoutSeconds: number) {
    this.#timeoutSeconds = timeoutSeconds;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#spawn = () => {
      const { port } = this.#server.address() as AddressInfo;
      return spawn(process.execPath, [join(client, "index.mjs"), env._HANDLER ?? ""], {
        cwd: folder,
        env: { ...env, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}` },
        stdio: "ignore",
      });
    };
  }

  static async start(...how: [client: string, folder: string, env: Record<string, string>, timeoutSeconds: number]) {
    const platform = new Platform(...how);
    await new Promise<void>((resolve) => platform.#server.listen(0, "127.0.0.1", resolve));
    return platform;
  }

  invoke(event: unknown): Promise<InvocationOutcome> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      this.#settle = (outcome) => {
        clearTimeout(timer);
        this.#settle = () => {};
        resolve(outcome);
      };
      this.#event = JSON.stringify(event);
      this.#child ??= this.#begin();
      this.#deliver();
      // Start the timer with the invocation, not with the process.
      timer = setTimeout(
        () => {
          const late = this.#child;
          this.#child = undefined;
          late?.kill("SIGKILL");
          this.#settle(deathOutcome({ by: "timeout", seconds: this.#timeoutSeconds }, REQUEST));
        },
        this.#timeoutSeconds * 1000 + START_MS,
      );
    });
  }

  stop(): void {
    this.#child?.kill("SIGKILL");
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #begin(): ChildProcess {
    this.#failedInit = undefined;
    const child = this.#spawn();
    child.once("exit", (code, signal) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#waiting = undefined;
      if (this.#failedInit) this.#settle({ status: "error", payload: this.#failedInit });
      else this.#settle(deathOutcome(signal ? { by: "signal", signal } : { by: "exit", code: code ?? 1 }, REQUEST));
    });
    return child;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url?.endsWith("/invocation/next")) {
      this.#waiting = response;
      this.#deliver();
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const payload = Buffer.concat(chunks);
    response.writeHead(202).end("{}");
    if (request.url?.endsWith("/init/error")) this.#failedInit = payload;
    else this.#settle({ status: request.url?.endsWith("/response") ? "ok" : "error", payload });
  }

  #deliver(): void {
    if (!this.#waiting || this.#event === undefined) return;
    this.#waiting.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": REQUEST,
      "lambda-runtime-deadline-ms": String(Date.now() + this.#timeoutSeconds * 1000),
      "lambda-runtime-invoked-function-arn": ARN,
      "lambda-runtime-trace-id": TRACE,
    });
    this.#waiting.end(this.#event);
    this.#waiting = this.#event = undefined;
  }
}

/** How long a process may take on a busy machine to request its first invocation. */
const START_MS = 5_000;
