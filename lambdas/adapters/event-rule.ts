import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  type EventBridgeClientConfig,
} from "@aws-sdk/client-eventbridge";

/**
 * Maximum duration of a call with its retries, in milliseconds. It is short, because a pass of the scheduler waits for
 * the call, and a client may wait for the pass.
 */
const DEADLINE_MS = 3000;

/**
 * Number of attempts. EventBridge allows only a few of these calls a second per account; if the last attempt fails, a
 * later pass tries again.
 */
const TRIES = 2;

/** Limits of one attempt, in milliseconds. Two attempts of `ANSWER_MS` fit within the deadline. */
const CONNECT_MS = 1000;
const ANSWER_MS = 1400;

/** A rule on the default event bus, which can be switched on and off. */
export class EventRule {
  readonly #client: EventBridgeClient;
  readonly #name: string;
  readonly #deadlineMs: number;

  /**
   * @param settings settings of the client; endpoint and credentials are the SDK's defaults unless given
   * @param deadlineMs maximum duration of a call with its retries, in milliseconds; default 3000
   */
  constructor(name: string, settings: EventBridgeClientConfig = {}, deadlineMs = DEADLINE_MS) {
    this.#name = name;
    this.#deadlineMs = deadlineMs;
    this.#client = new EventBridgeClient({
      maxAttempts: TRIES,
      requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
      ...settings,
    });
  }

  /**
   * Enables the rule; no effect if it is already enabled.
   *
   * @throws EventBridge's error, or a timeout: the rule may then be enabled or not
   */
  async enable(): Promise<void> {
    await this.#client.send(new EnableRuleCommand({ Name: this.#name }), this.#inTime());
  }

  /**
   * Disables the rule.
   *
   * @throws EventBridge's error, or a timeout: the rule may then be enabled or not
   */
  async disable(): Promise<void> {
    await this.#client.send(new DisableRuleCommand({ Name: this.#name }), this.#inTime());
  }

  #inTime() {
    return { abortSignal: AbortSignal.timeout(this.#deadlineMs) };
  }
}
