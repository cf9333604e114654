import type { ReportEndpoint } from "../../adapters/report-endpoint.ts";
import type { EngineAnswer } from "../../protocol/report-messages.ts";
import type { LiveOutput } from "../messages/shared-output.ts";
import type { LeaseProgress } from "./lease-progress.ts";
import { LiveOutputs } from "./live-outputs.ts";
import type { Sender } from "./view-service.ts";

/** Sends the heartbeats of a lease, with what its tasks have written since the last. */
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

  /** The task has written so much by now; undefined when nothing. */
  note(position: number, output: LiveOutput | undefined): void {
    if (output) this.#outputs.note(position, output);
  }

  /** Sends one. Resolves to undefined if it fails: only its answer was of use, and the next will ask again. */
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

  /** Gives up the one under way: the lease is over. */
  end(): void {
    this.#underWay?.abort();
  }
}
