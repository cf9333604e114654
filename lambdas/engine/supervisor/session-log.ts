import type { EmbeddedMetrics } from "../../adapters/embedded-metrics.ts";
import type { ReportEndpoint } from "../../adapters/report-endpoint.ts";
import { rangesOf } from "../../protocol/index-ranges.ts";
import type { LogFields, WriteLog } from "../../protocol/log-events.ts";
import type { ENGINE_METRICS } from "../../protocol/metric-names.ts";
import type { ReportedEntry } from "../../protocol/report-messages.ts";
import { taskId } from "../../protocol/task-id.ts";
import type { Sender } from "./view-service.ts";

/** Limits of the errors in one line: how many, and the length of each in characters. */
const ERRORS = 5;
const ERROR_CHARS = 200;

export type EngineMetrics = EmbeddedMetrics<typeof ENGINE_METRICS>;

/** Writes what happens in a session to the function's log. */
export class SessionLog {
  readonly #write: WriteLog;
  readonly #metrics: EngineMetrics;
  readonly #who: { engine: number; session: string };
  /** The job of the lease that runs. */
  job: string | undefined;

  constructor(write: WriteLog, { engine, session }: Sender, metrics: EngineMetrics) {
    this.#write = write;
    this.#metrics = metrics;
    this.#who = { engine, session };
  }

  /** An endpoint that logs and counts the reports sent through it. */
  reports(endpoint: ReportEndpoint): ReportEndpoint {
    return {
      send: (message, signal) => {
        if (message.type === "report") {
          this.#count(message.entries);
          const { job } = this;
          const { seq: lease, entries, returned, running } = message;
          const counts = { returned: returned.length, running: running.length };
          this.#write("reported", () => ({ job, lease, ...this.#who, ...outcomes(job, entries), ...counts }));
        }
        if (message.type === "settle") {
          const { job, entry } = message;
          this.#count([entry]);
          this.#write("reported", () => ({ job, ...this.#who, ...outcomes(job, [entry]) }));
        }
        return endpoint.send(message, signal);
      },
    };
  }

  #count(entries: readonly ReportedEntry[]): void {
    if (!this.#metrics.isOn) return;
    this.#metrics.add("Reports");
    for (const { status, started = 0, completed = started } of entries) {
      if (status === "unmet") continue;
      this.#metrics.add(status === "ok" ? "TasksSucceeded" : "TasksFailed");
      this.#metrics.add("TaskDuration", completed - started);
    }
  }

  /**
   * Logs the death of the thread that ran the lease.
   *
   * @param index the task that ran when the thread died
   */
  workerDied(lease: number, index: number | undefined, reason: string): void {
    this.#metrics.add("ThreadsDied");
    const { job } = this;
    const task = job === undefined || index === undefined ? undefined : taskId(job, index);
    this.#write("worker-died", { job, task, lease, ...this.#who, reason });
  }

  refused(): void {
    this.#write("session-refused", { job: this.job, ...this.#who });
  }
}

function outcomes(job: string | undefined, entries: readonly ReportedEntry[]): LogFields {
  const counts: Record<string, number> = {};
  const errors: Record<string, string> = {};
  let shown = 0;
  for (const { index, status, error } of entries) {
    counts[status] = (counts[status] ?? 0) + 1;
    if (!error || job === undefined || shown++ >= ERRORS) continue;
    errors[taskId(job, index)] = `${error.ename}: ${error.evalue}`.slice(0, ERROR_CHARS);
  }
  const tasks = rangesOf(entries.map(({ index }) => index));
  return { tasks, ended: counts, ...(shown > 0 ? { errors } : {}) };
}
