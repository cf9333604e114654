import type { Door } from "../../adapters/door.ts";
import { ClusterError } from "../../protocol/errors.ts";
import type { Grant, ReportMessage } from "../../protocol/report-messages.ts";
import { epochNow } from "../messages/epoch-clock.ts";
import type { LeasePart } from "./lease-progress.ts";
import { parseGrant } from "./parse-grant.ts";

/** The partial reports of a lease, one at a time, and what came of them. */
export class LeaseReports {
  readonly #door: Door;
  readonly #who: Pick<ReportMessage, "engine" | "session" | "nonce">;
  readonly #answered: () => void;
  /** The number that the lease has by now. */
  seq: number;
  /** Claims that one is under way. */
  isBusy = false;
  /** Tasks that have joined the lease, to go on with. */
  ahead: Grant | undefined;
  /** When they joined it, milliseconds of the epoch. */
  aheadSince = 0;
  /** Why the lease is another's. */
  refusal: string | undefined;
  /** Why nothing can be told any more. */
  failure: unknown;

  /** @param answered called after each */
  constructor(door: Door, who: Pick<ReportMessage, "engine" | "session" | "nonce">, seq: number, answered: () => void) {
    this.#door = door;
    this.#who = who;
    this.seq = seq;
    this.#answered = answered;
  }

  /** Claims that the lease is over before its tasks are. */
  get isCutShort(): boolean {
    return this.refusal !== undefined || this.failure !== undefined;
  }

  /** Tells of a part, and with `more` asks for tasks to go on with. What had joined before is not told of, so it goes back. */
  send(part: LeasePart, have: string[], more = false): void {
    this.isBusy = true;
    this.ahead = undefined;
    const message = { type: "report", ...this.#who, seq: this.seq, ...part, leaving: false, have } as const;
    void this.#deliver(more ? { ...message, more } : message);
  }

  async #deliver(message: ReportMessage): Promise<void> {
    try {
      const answer = await this.#door.send(message);
      if (answer.type === "refused") this.refusal = answer.message;
      else if (answer.type === "continue") {
        this.isBusy = false;
        this.seq = answer.seq;
        if (answer.grant) {
          this.ahead = parseGrant(answer.grant);
          this.aheadSince = epochNow();
        }
      } else
        throw new ClusterError(`the report function gave an unexpected answer to a partial report: ${answer.type}`);
    } catch (error) {
      this.failure ??= error;
    }
    this.#answered();
  }
}
