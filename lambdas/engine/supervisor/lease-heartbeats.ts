import type { ReportEndpoint } from "../../adapters/report-endpoint.ts";
import type { EngineAnswer } from "../../protocol/engine-answer.ts";
import type { LiveOutput } from "../messages/shared-output.ts";
import type { LeaseProgress } from "./lease-progress.ts";
import { LiveOutputs } from "./live-outputs.ts";
import type { Sender } from "./view-service.ts";

/** Sends the heartbeats of a lease, with the output of the tasks that have written more since the last heartbeat. */
export class LeaseHeartbeats {
  readonly #endpoint: ReportEndpoint;
  readonly #who: Sender;
  readonly #progress: LeaseProgress;
  readonly #outputs = new LiveOutputs();
  #underWay: AbortController | undefined;

  constructor(endpoint: ReportEndpoint, who: Sender, progress: LeaseProgress) {
    this.#endpoint = endpoint;
    this.#who = who;
    this.#progress = progress;
  }

  /** Records all output of the task so far; `output` is undefined if there is none. */
  note(position: number, output: LiveOutput | undefined): void {
    if (output) this.#outputs.note(position, output);
  }

  /**
   * Sends a heartbeat. Resolves to its answer, or to undefined if it fails. A failure does no harm, because the next
   * heartbeat gets all aborts again.
   */
  async send(seq: number): Promise<EngineAnswer | undefined> {
    const undelivered = this.#outputs.pending((position) => this.#progress.isOpen(position));
    const output = undelivered.map(([position, written]) => ({ index: this.#progress.indexOf(position), ...written }));
    const call = new AbortController();
    this.#underWay = call;
    try {
      const message = { type: "heartbeat", ...this.#who, seq, ...(output.length > 0 ? { output } : {}) } as const;
      const answer = await this.#endpoint.send(message, call.signal);
      if (answer.type === "alive") this.#outputs.delivered(undelivered);
      return answer;
    } catch {
      return undefined;
    } finally {
      this.#underWay = undefined;
    }
  }

  /** Cancels the heartbeat in flight, because the lease is over. */
  end(): void {
    this.#underWay?.abort();
  }
}
