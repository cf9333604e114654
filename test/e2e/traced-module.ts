import { appendFileSync } from "node:fs";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, BatchSpanProcessor, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { task } from "../../client/task.ts";

/** Deployed functions that register an SDK on the engines. Its spans go to a file, a JSON object a line. */

/** A span, as it is written to the file. */
export interface WrittenSpan {
  name: string;
  trace: string;
  id: string;
  parent: string | undefined;
  attributes: Record<string, unknown>;
  /** Code of its status: 2 if it failed. */
  status: number;
}

export function writtenSpan(span: ReadableSpan): WrittenSpan {
  const { name, attributes, status, parentSpanContext } = span;
  const { traceId, spanId } = span.spanContext();
  return { name, trace: traceId, id: spanId, parent: parentSpanContext?.spanId, attributes, status: status.code };
}

const exporter = {
  export(spans: ReadableSpan[], done: (result: { code: number }) => void) {
    const lines = spans.map((span) => `${JSON.stringify(writtenSpan(span))}\n`);
    appendFileSync(process.env.SPANS_FILE ?? "", lines.join(""));
    done({ code: 0 });
  },
  shutdown: async () => {},
};
// The delay is longer than the test: spans are exported only if the engine asks for it.
const processor = new BatchSpanProcessor(exporter, { scheduledDelayMillis: 600_000 });
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [processor] }));
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

/** Fails at its first attempt, and starts a span of its own. */
export async function flaky(x: number): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  trace.getTracer("mine").startSpan("own").end();
  if (task().attempt === 1) throw new Error("try again");
  return x;
}

/** Submits a task of its own. */
export async function nesting(x: number): Promise<number> {
  return task().view.withFlags({ retries: 1 }).apply(flaky, x);
}
