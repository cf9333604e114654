import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";

/** A pass waits for the answer, and a rule that is not switched now is switched by a later one. */
const CONNECT_MS = 1000;
const ANSWER_MS = 3000;

/** EventBridge takes few such calls a second, of a whole account. */
const TRIES = 4;

/** A rule of the default event bus, and its switch. */
export class EventRule {
  readonly #client: EventBridgeClient;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    this.#client = new EventBridgeClient({
      maxAttempts: TRIES,
      requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
    });
  }

  /** Lets the rule fire at its rate, whether it did so already or not. */
  async enable(): Promise<void> {
    await this.#client.send(new EnableRuleCommand({ Name: this.#name }));
  }

  async disable(): Promise<void> {
    await this.#client.send(new DisableRuleCommand({ Name: this.#name }));
  }
}
