import { endSpan, type Span, Traces, traceFieldsOf } from "../../lambdas/authoring/open-telemetry.ts";
import type { TraceFields } from "../../lambdas/protocol/trace-fields.ts";

/** The span in which a job is submitted: from its first call to the scheduler's answer. */
export class SubmissionTrace {
  readonly #span: Span;
  /** The span that was active when the job was submitted. */
  readonly parent: unknown;
  /** What the job's header gets, so that the spans of its tasks become children of this one. */
  readonly fields: TraceFields;

  private constructor(span: Span, parent: unknown) {
    this.#span = span;
    this.parent = parent;
    this.fields = traceFieldsOf(span);
  }

  /** Starts the span. Returns undefined if this program has registered no OpenTelemetry SDK. */
  static start(job: string, label: string | undefined): SubmissionTrace | undefined {
    const traces = Traces.get();
    if (traces === undefined) return undefined;
    const attributes = { "fantail.job": job, ...(label === undefined ? {} : { "fantail.label": label }) };
    return new SubmissionTrace(traces.start("fantail submit", { attributes, kind: 3 }), traces.active);
  }

  /** Whether a call made here may join the job: it is in no trace, or was called in the same span. */
  static isSame(trace: SubmissionTrace | undefined): boolean {
    return trace === undefined || trace.parent === Traces.get()?.active;
  }

  /** Ends the span when the submission was answered or refused. */
  endWith(answered: Promise<void>, tasks: () => number): void {
    const end = (error?: unknown) => {
      this.#span.setAttribute("fantail.tasks", tasks());
      endSpan(this.#span, error === undefined ? undefined : String(error));
    };
    answered.then(() => end(), end);
  }
}
