import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { ClusterError } from "../protocol/errors.ts";
import type { EngineAnswer, EngineMessage } from "../protocol/report-messages.ts";

/** What an engine may ask of the cluster, and all that it may. */
export interface Door {
  /**
   * Sends a message until it is answered. Every message is idempotent, so one whose answer was lost is sent again as it was.
   *
   * @param signal gives up, and rejects
   * @throws ClusterError when there is no answer for good
   */
  send(message: EngineMessage, signal?: AbortSignal): Promise<EngineAnswer>;
}

/** How often a door that fails by itself (a crash, a time-out of its own) is asked again, and after which pause first. */
const RETRIES = 5;
const FIRST_PAUSE_MS = 100;

/** A call without an answer for so long is taken for lost: longer than the door's own time-out. */
const ANSWER_MS = 65_000;
const CONNECT_MS = 3_000;

const ANSWERS: ReadonlySet<unknown> = new Set<EngineAnswer["type"]>([
  "began",
  "lease",
  "continue",
  "idle",
  "alive",
  "units",
  "waiting",
  "settled",
  "asked",
  "row",
  "pages",
  "refused",
]);

/** One client serves a process: a second would warm up code and connections again. Endpoint and credentials are the SDK's standard ones unless given. */
export function doorClient(settings: ConstructorParameters<typeof LambdaClient>[0] = {}): LambdaClient {
  return new LambdaClient({
    // Throttles and lost connections, with backoff: a report must not be given up for a burst of other invocations.
    maxAttempts: 8,
    cacheMiddleware: true,
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
    ...settings,
  });
}

/** The `report` function as the door, by synchronous invocations. */
export class LambdaDoor implements Door {
  readonly #client: LambdaClient;
  readonly #functionName: string;

  constructor(client: LambdaClient, functionName: string) {
    this.#client = client;
    this.#functionName = functionName;
  }

  async send(message: EngineMessage, signal?: AbortSignal): Promise<EngineAnswer> {
    const payload = JSON.stringify(message);
    let failure: unknown;
    for (let attempt = 0; attempt <= RETRIES; attempt++) {
      if (attempt > 0) await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()), undefined, { signal });
      const { answer, error } = await this.#invoke(payload, message.type, signal);
      if (answer) return answer;
      failure = error;
    }
    throw new ClusterError(
      `the report function ${this.#functionName} failed ${RETRIES + 1} times (message ${message.type}): ${String(failure)}`,
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
    return { answer: parseAnswer(text) };
  }
}

/** The door is trusted, as its answers come from the cluster itself: only their kind is checked. */
function parseAnswer(text: string): EngineAnswer {
  const answer: unknown = JSON.parse(text);
  if (!isAnswer(answer)) throw new ClusterError(`the report function gave an unknown answer: ${text.slice(0, 200)}`);
  return answer;
}

function isAnswer(answer: unknown): answer is EngineAnswer {
  return typeof answer === "object" && answer !== null && "type" in answer && ANSWERS.has(answer.type);
}
