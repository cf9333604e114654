import type { ReportEndpoint } from "../../adapters/report-endpoint.ts";
import type { EngineAnswer } from "../../protocol/engine-answer.ts";
import type { EngineMessage, ReportMessage } from "../../protocol/report-messages.ts";
import type { Sender } from "./view-service.ts";

/**
 * The endpoint of a session whose first lease runs before the session has begun. If the report that ends this lease is
 * the session's first message, it carries the event's token, and so begins the session. Otherwise the endpoint sends
 * `begin` first.
 *
 * While the invocation may answer its caller, the report is kept for that answer instead.
 */
export class EarlyEndpoint implements ReportEndpoint {
  readonly #endpoint: ReportEndpoint;
  readonly #who: Sender;
  readonly #token: string;
  #begun: Promise<EngineAnswer> | undefined;
  /** Whether the report that begins the session was sent or kept. */
  #isReported = false;
  readonly #mayAnswer: () => boolean;
  /** The report that the invocation returns. */
  kept: ReportMessage | undefined;

  /** @param mayAnswer whether the caller of the invocation still waits for its answer. Default: it does not wait */
  constructor(endpoint: ReportEndpoint, who: Sender, token: string, mayAnswer: () => boolean = () => false) {
    this.#endpoint = endpoint;
    this.#who = who;
    this.#token = token;
    this.#mayAnswer = mayAnswer;
  }

  async send(message: EngineMessage, signal?: AbortSignal): Promise<EngineAnswer> {
    if (this.#isReported) return this.#endpoint.send(message, signal);
    const endsLease = message.type === "report" && message.running.length === 0;
    if (endsLease && this.#begun === undefined) {
      this.#isReported = true;
      if (this.#mayAnswer()) {
        this.kept = { ...message, leaving: true };
        return { type: "idle" };
      }
      return this.#endpoint.send({ ...message, token: this.#token }, signal);
    }
    const begun = await this.begin();
    return begun.type === "refused" ? begun : this.#endpoint.send(message, signal);
  }

  /** Begins the session, unless it has begun or the report with the token was sent. */
  begin(): Promise<EngineAnswer> {
    if (this.#isReported) return Promise.resolve({ type: "began" });
    this.#begun ??= this.#endpoint.send({ type: "begin", ...this.#who, have: [], granted: true });
    return this.#begun;
  }
}
