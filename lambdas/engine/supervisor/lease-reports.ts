import { differentVersions } from "../../protocol/answer-fault.ts";
import { ClusterError } from "../../protocol/errors.ts";
import type { Grant } from "../../protocol/grant.ts";
import type { ReportMessage } from "../../protocol/report-messages.ts";
import type { Invocation } from "./invocation.ts";
import type { LeasePart } from "./lease-progress.ts";

/** Sends the partial reports of a lease, one at a time, and keeps their answers. */
export class LeaseReports {
  readonly #invocation: Pick<Invocation, "endpoint" | "who" | "clock" | "pace">;
  readonly #answered: () => void;
  /** The current sequence number of the lease. */
  seq: number;
  /** Whether a report is in flight. */
  isBusy = false;
  /** Tasks that joined the lease, to run next. */
  ahead: Grant | undefined;
  /** When the tasks of `ahead` joined, in epoch milliseconds. */
  aheadSince = 0;
  /** Why the lease no longer belongs to this session; undefined while it does. */
  refusal: string | undefined;
  /** Why no further report can be sent; undefined while reports can be sent. */
  failure: unknown;

  /** @param answered called after each answer */
  constructor(invocation: Pick<Invocation, "endpoint" | "who" | "clock" | "pace">, seq: number, answered: () => void) {
    this.#invocation = invocation;
    this.seq = seq;
    this.#answered = answered;
  }

  /** Whether the lease has ended before all of its tasks did. */
  get isCutShort(): boolean {
    return this.refusal !== undefined || this.failure !== undefined;
  }

  /** Ends the lease because no worker starts. */
  noWorker(reason: string): void {
    this.failure ??= new ClusterError(`the worker thread could not be started: ${reason}`);
  }

  /**
   * Sends a part of the lease's outcome and, with `more`, asks for tasks to run next. Tasks that joined earlier return
   * to the queue, because the report does not name them.
   */
  send(part: LeasePart, have: string[], more = false): void {
    this.isBusy = true;
    this.ahead = undefined;
    const message = { type: "report", ...this.#invocation.who, seq: this.seq, ...part, leaving: false, have } as const;
    void this.#deliver(more ? { ...message, more } : message);
  }

  async #deliver(message: ReportMessage): Promise<void> {
    const { endpoint, clock, pace } = this.#invocation;
    const sent = clock.now();
    try {
      const answer = await endpoint.send(message);
      pace.answered(clock.now() - sent);
      if (answer.type === "refused") this.refusal = answer.message;
      else if (answer.type === "continue") {
        this.isBusy = false;
        this.seq = answer.seq;
        if (answer.grant) {
          this.ahead = answer.grant;
          this.aheadSince = clock.now();
        }
      } else
        throw new ClusterError(
          `the report function answered a partial report with ${JSON.stringify(answer.type)}; ${differentVersions("engine and scheduler")}`,
        );
    } catch (error) {
      this.failure ??= error;
    }
    this.#answered();
  }
}
