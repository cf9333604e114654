import type { Clock } from "../../adapters/clock.ts";
import type { ReportEndpoint } from "../../adapters/report-endpoint.ts";
import type { ToWorker } from "../messages/worker-messages.ts";

/** Maximum time that the end of an invocation waits for the export of spans, in milliseconds. */
const EXPORT_MS = 2000;

/** The spans that a tasks' thread records. They concern the supervisor only if the thread has registered an SDK. */
export class ThreadTraces {
  readonly #post: (message: ToWorker) => void;
  /** Whether the thread records spans. */
  isOn = false;
  #flushed: () => void = () => {};

  /** @param post sends a message to the thread */
  constructor(post: (message: ToWorker) => void) {
    this.#post = post;
  }

  /** Handles the thread's messages about its spans, and its end. */
  hear(event: "tracing" | "flushed" | "ended"): void {
    this.isOn = event !== "ended";
    if (event !== "tracing") this.#flushed();
  }

  /** Records when a report on the lease was sent and answered. */
  reported(sent: number, answered: number): void {
    if (this.isOn) this.#post({ type: "reported", sent, answered });
  }

  /** Resolves when the thread has exported its spans, or after two seconds. */
  flush(after: (ms: number, then: () => void) => () => void): Promise<void> {
    if (!this.isOn) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = after(EXPORT_MS, resolve);
      this.#flushed = () => {
        cancel();
        resolve();
      };
      this.#post({ type: "flush" });
    });
  }
}

/** An endpoint that passes the times of reports on to the thread that records spans. */
export function tracedReports(
  endpoint: ReportEndpoint,
  worker: { readonly traces: ThreadTraces | undefined },
  clock: Pick<Clock, "now">,
): ReportEndpoint {
  return {
    async send(message, signal) {
      if (message.type !== "report" || !worker.traces?.isOn) return endpoint.send(message, signal);
      const sent = clock.now();
      const answer = await endpoint.send(message, signal);
      worker.traces.reported(sent, clock.now());
      return answer;
    },
  };
}
