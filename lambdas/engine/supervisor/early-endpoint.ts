import type { ReportEndpoint } from "../../adapters/report-endpoint.ts";
import type { EngineAnswer } from "../../protocol/engine-answer.ts";
import type { EngineMessage } from "../../protocol/report-messages.ts";
import type { Sender } from "./view-service.ts";

/**
 * The endpoint of a session whose first lease runs before the session has begun. The report that ends this lease
 * carries the event's token, which begins the session. Before any other message, the endpoint sends `begin`.
 */
export class EarlyEndpoint implements ReportEndpoint {
  readonly #endpoint: ReportEndpoint;
  readonly #who: Sender;
  readonly #token: string;
  #begun: Promise<EngineAnswer> | undefined;
  /** Whether the report with the token, which begins the session, was sent. */
  #isReported = false;

  constructor(endpoint: ReportEndpoint, who: Sender, token: string) {
    this.#endpoint = endpoint;
    this.#who = who;
    this.#token = token;
  }

  async send(message: EngineMessage, signal?: AbortSignal): Promise<EngineAnswer> {
    if (this.#isReported) return this.#endpoint.send(message, signal);
    const endsLease = message.type === "report" && message.running.length === 0;
    if (endsLease && this.#begun === undefined) {
      this.#isReported = true;
      return this.#endpoint.send({ ...message, token: this.#token }, signal);
    }
    const begun = await this.begin();
    return begun.type === "refused" ? begun : this.#endpoint.send(message, signal);
  }

  /** Begins the session, unless it has begun. */
  begin(): Promise<EngineAnswer> {
    if (this.#isReported) return Promise.resolve({ type: "began" });
    this.#begun ??= this.#endpoint.send({ type: "begin", ...this.#who, have: [], granted: true });
    return this.#begun;
  }
}
