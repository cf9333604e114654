import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { type EngineAnswer, parseEngineAnswer } from "../protocol/engine-answer.ts";
import { ClusterError } from "../protocol/errors.ts";
import type { EngineMessage } from "../protocol/report-messages.ts";
import { type Clock, pause } from "./clock.ts";
import { leanClient } from "./lean-client.ts";

/** The report function, an engine's only access to the cluster. */
export interface ReportEndpoint {
  /**
   * Sends a message until it is answered. Every message is idempotent: if its response is lost, it is sent again
   * unchanged.
   *
   * @param signal if it is aborted, there are no more retries, and the call rejects
   * @throws ClusterError if the function cannot be reached, or fails repeatedly
   */
  send(message: EngineMessage, signal?: AbortSignal): Promise<EngineAnswer>;
}

/**
 * Maximum number of retries of a message after the function failed (by a crash or its own timeout), and the first pause
 * between them, in milliseconds.
 */
const RETRIES = 5;
const FIRST_PAUSE_MS = 100;

/**
 * Time, in milliseconds, after which a call without a response is considered lost. It is longer than the function's own
 * timeout.
 */
const ANSWER_MS = 65_000;
const CONNECT_MS = 3_000;

/**
 * Makes a Lambda client. Use one per process: each new client has to warm up code and open connections again. Endpoint
 * and credentials are the SDK's defaults unless given.
 */
export function reportClient(settings: ConstructorParameters<typeof LambdaClient>[0] = {}): LambdaClient {
  const client = new LambdaClient({
    // Retries after throttling and lost connections, with backoff, so that a burst of other invocations does not make a
    // report fail.
    maxAttempts: 8,
    cacheMiddleware: true,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
    ...settings,
  });
  return leanClient(client);
}

/** Reaches the report function by synchronous invocations. */
export class LambdaReportEndpoint implements ReportEndpoint {
  readonly #client: LambdaClient;
  readonly #functionName: string;
  readonly #clock: Clock;

  constructor(client: LambdaClient, functionName: string, clock: Clock) {
    this.#client = client;
    this.#functionName = functionName;
    this.#clock = clock;
  }

  async send(message: EngineMessage, signal?: AbortSignal): Promise<EngineAnswer> {
    const payload = JSON.stringify(message);
    let failure: unknown;
    for (let attempt = 0; attempt <= RETRIES; attempt++) {
      if (attempt > 0) await pause(this.#clock, FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()), signal);
      const { answer, error } = await this.#invoke(payload, message.type, signal);
      if (answer) return answer;
      failure = error;
    }
    throw new ClusterError(
      `the report function ${this.#functionName} failed ${RETRIES + 1} times (message ${message.type}): ${String(failure)}`,
      { retryable: true },
    );
  }

  async #invoke(payload: string, type: string, signal?: AbortSignal) {
    const command = new InvokeCommand({ FunctionName: this.#functionName, Payload: payload });
    let text: string;
    try {
      const result = await this.#client.send(command, signal ? { abortSignal: signal } : {});
      text = result.Payload?.transformToString() ?? "";
      if (result.FunctionError !== undefined) return { error: text.slice(0, 500) };
    } catch (cause) {
      throw new ClusterError(`the report function ${this.#functionName} cannot be reached (message ${type})`, {
        cause,
      });
    }
    return { answer: parseEngineAnswer(JSON.parse(text)) };
  }
}
