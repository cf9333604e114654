import type { TraceFields } from "../protocol/trace-fields.ts";

/**
 * The parts of OpenTelemetry's API that are used here. A program that has registered an SDK finds them in a global
 * object, which all copies of `@opentelemetry/api` 1.x share; so there is nothing to load.
 */
export interface Span {
  spanContext(): SpanContext;
  setAttribute(name: string, value: string | number): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(at?: number): void;
}

interface SpanContext {
  traceId: string;
  spanId: string;
  traceFlags: number;
  isRemote?: boolean;
  traceState?: { serialize(): string } | undefined;
}

/** An immutable set of values, among them the span that is active. */
interface SpanScope {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): SpanScope;
  deleteValue(key: symbol): SpanScope;
}

interface Tracer {
  startSpan(name: string, options: object, scope: SpanScope): Span;
}

interface Api {
  trace?: { getTracer(name: string): Tracer; getDelegate?(): { forceFlush?(): Promise<void> } };
  context?: { active(): SpanScope; with<T>(scope: SpanScope, fn: () => T): T };
}

const API = Symbol.for("opentelemetry.js.api.1");
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");
/** The code of a status that says that the operation failed. */
const ERROR = 2;

/** Options with which a span may be started. */
export interface SpanStart {
  attributes: Record<string, string | number>;
  /** Epoch milliseconds. Default: now. */
  startTime?: number;
  /** 4: the work is done later, elsewhere. 5: it was submitted elsewhere. Default 0: part of its parent's work. */
  kind?: number;
}

/** Starts spans with the SDK that is registered. */
export class Traces {
  readonly #api: Api & Required<Pick<Api, "trace">>;

  private constructor(api: Api & Required<Pick<Api, "trace">>) {
    this.#api = api;
  }

  /** Returns undefined if this thread has registered no SDK. */
  static get(): Traces | undefined {
    const api: Api | undefined = Reflect.get(globalThis, API);
    return api?.trace && new Traces({ ...api, trace: api.trace });
  }

  /** The span that is active here. */
  get active(): unknown {
    return this.#api.context?.active().getValue(SPAN);
  }

  /** @param parent default: the span that is active here */
  start(name: string, options: SpanStart, parent?: Pick<Span, "spanContext">): Span {
    const here = this.#api.context?.active() ?? NOTHING;
    const scope = parent ? here.setValue(SPAN, parent) : here;
    return this.#api.trace.getTracer("fantail-lambda").startSpan(name, options, scope);
  }

  /** Calls a function in which the span is active, through all its timers and promises. */
  within<T>(span: Span, fn: () => T): T {
    const { context } = this.#api;
    return context ? context.with(context.active().setValue(SPAN, span), fn) : fn();
  }

  /** Waits until the spans that have ended are exported. Never rejects. */
  async flush(): Promise<void> {
    await this.#api.trace
      .getDelegate?.()
      .forceFlush?.()
      .catch(() => undefined);
  }
}

/** Ends a span, as failed if there is an error. */
export function endSpan(span: Span, error?: string, at?: number): void {
  if (error !== undefined) span.setStatus({ code: ERROR, message: error });
  span.end(at);
}

/** The fields by which a span's children elsewhere find it. */
export function traceFieldsOf(span: Span): TraceFields {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const tracestate = traceState?.serialize();
  const flags = traceFlags.toString(16).padStart(2, "0");
  return { traceparent: `00-${traceId}-${spanId}-${flags}`, ...(tracestate ? { tracestate } : {}) };
}

/** The span elsewhere that the fields name, as a parent for spans here. */
export function remoteSpan({ traceparent = "", tracestate }: TraceFields): Pick<Span, "spanContext"> {
  const [, traceId = "", spanId = "", flags = "0"] = traceparent.split("-");
  const context: SpanContext = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  if (tracestate !== undefined) context.traceState = new SentState(tracestate);
  return { spanContext: () => context };
}

/** A `tracestate` that is only passed on. */
class SentState {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  serialize(): string {
    return this.#text;
  }

  get(): undefined {
    return undefined;
  }

  set(): SentState {
    return this;
  }

  unset(): SentState {
    return this;
  }
}

/** A scope for programs that have registered no context manager. */
class OwnScope implements SpanScope {
  readonly #values: ReadonlyMap<symbol, unknown>;

  constructor(values: ReadonlyMap<symbol, unknown>) {
    this.#values = values;
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }

  setValue(key: symbol, value: unknown): SpanScope {
    return new OwnScope(new Map([...this.#values, [key, value]]));
  }

  deleteValue(key: symbol): SpanScope {
    return new OwnScope(new Map([...this.#values].filter(([other]) => other !== key)));
  }
}

const NOTHING = new OwnScope(new Map());
