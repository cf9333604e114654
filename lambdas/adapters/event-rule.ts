import {
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  type EventBridgeClientConfig,
} from "@aws-sdk/client-eventbridge";

/** A pass waits for the switch, a client for the pass. */
const DEADLINE_MS = 3000;

/** EventBridge takes few such calls a second, of a whole account. What a second try does not do, a later pass does. */
const TRIES = 2;

/** Of each try: two fit the deadline. */
const CONNECT_MS = 1000;
const ANSWER_MS = 1400;

/** A rule of the default event bus, and its switch. */
export class EventRule {
  readonly #client: EventBridgeClient;
  readonly #name: string;
  readonly #deadlineMs: number;

  /**
   * @param settings of the client: endpoint and credentials are the SDK's standard ones unless given
   * @param deadlineMs longest that a call may take with all its tries; default: 3 s
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
   * Lets the rule fire at its rate, whether it did so already or not.
   *
   * @throws what EventBridge answered, or that no answer came in time: the rule may then be enabled or not
   */
  async enable(): Promise<void> {
    await this.#client.send(new EnableRuleCommand({ Name: this.#name }), this.#inTime());
  }

  /**
   * Keeps the rule from firing.
   *
   * @throws as `enable` does
   */
  async disable(): Promise<void> {
    await this.#client.send(new DisableRuleCommand({ Name: this.#name }), this.#inTime());
  }

  #inTime() {
    return { abortSignal: AbortSignal.timeout(this.#deadlineMs) };
  }
}
