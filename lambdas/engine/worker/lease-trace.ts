import { setTimeout as sleep } from "node:timers/promises";
import { endSpan, remoteSpan, type Span, Traces } from "../../authoring/open-telemetry.ts";
import type { EncodedError } from "../../protocol/outcome-page.ts";
import { taskId } from "../../protocol/task-id.ts";
import type { TraceFields } from "../../protocol/trace-fields.ts";
import type { TaskAbout } from "./task-run.ts";

/** Maximum time to wait for the export of spans, in milliseconds. */
const EXPORT_MS = 2000;

/** The span of a lease in its job's trace. */
export class LeaseTrace {
  readonly #traces: Traces;
  readonly #span: Span;

  private constructor(traces: Traces, span: Span) {
    this.#traces = traces;
    this.#span = span;
  }

  /** Starts the span. Returns undefined if the job is in no trace, or this thread has registered no SDK. */
  static start(fields: TraceFields | undefined, job: string, engineId: number, tasks: number): LeaseTrace | undefined {
    if (fields === undefined) return undefined;
    const traces = Traces.get();
    if (traces === undefined) return undefined;
    const attributes = { "fantail.job": job, "fantail.engine": engineId, "fantail.tasks": tasks };
    return new LeaseTrace(traces, traces.start("fantail lease", { attributes, kind: 4 }, remoteSpan(fields)));
  }

  /** Starts the span of an attempt. */
  task({ job, index, attempt, engineId, pool }: TaskAbout, startTime: number): Span {
    const engine = { "fantail.engine": engineId, "fantail.pool": pool };
    const attributes = { "fantail.task": taskId(job, index), "fantail.attempt": attempt, ...engine };
    return this.#traces.start("fantail task", { attributes, startTime }, this.#span);
  }

  /** Calls a function with a task's span active, so that spans which it starts are children of it. */
  within<T>(span: Span, fn: () => T): T {
    return this.#traces.within(span, fn);
  }

  /** Adds the span of a report, which the supervisor has sent. */
  reported(startTime: number, completed: number): void {
    endSpan(this.#traces.start("fantail report", { attributes: {}, startTime }, this.#span), undefined, completed);
  }

  /** Waits until all spans that have ended are exported, or two seconds. */
  async flush(): Promise<void> {
    await Promise.race([this.#traces.flush(), sleep(EXPORT_MS, undefined, { ref: false })]);
  }

  end(): void {
    endSpan(this.#span);
  }
}

/** Ends the span of an attempt. */
export function endTask(span: Span, status: string, error: EncodedError | undefined, completed: number): void {
  span.setAttribute("fantail.status", status);
  const why = status === "ok" ? undefined : error ? `${error.ename}: ${error.evalue}` : status;
  endSpan(span, why, completed);
}
