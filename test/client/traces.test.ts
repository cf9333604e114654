import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { afterEach, expect, it, vi } from "vitest";
import { Refused } from "../../lambdas/protocol/errors.ts";
import { aClient, type TestClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const double = (x: number) => 2 * x;

afterEach(() => {
  trace.disable();
  context.disable();
});

/** Registers an SDK, as a user's program does. */
function registered({ hasContexts = true } = {}): InMemorySpanExporter {
  const exporter = new InMemorySpanExporter();
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  if (hasContexts) context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return exporter;
}

const headersOf = ({ cloud }: TestClient) =>
  cloud.sent("submit").flatMap(({ jobs }) => jobs.map(({ header }) => header));

it("a job's header names the span of its submission, which ends when the scheduler has answered", async () => {
  const exporter = registered();
  const client = aClient({ label: "mine" });
  client.view.map(double, [1, 2, 3]);
  await settle();
  const [header] = headersOf(client);
  const [span] = exporter.getFinishedSpans();
  const { traceId, spanId } = span?.spanContext() ?? {};
  expect(header?.traceparent).toBe(`00-${traceId}-${spanId}-01`);
  expect(span).toMatchObject({
    ...{ name: "fantail submit", parentSpanContext: undefined, status: { code: 0 } },
    attributes: { "fantail.job": header?.id, "fantail.label": "mine", "fantail.tasks": 3 },
  });
});

it("without a context manager, jobs get a trace too", async () => {
  const exporter = registered({ hasContexts: false });
  const client = aClient();
  client.view.apply(double, 1);
  await settle();
  expect(headersOf(client)[0]?.traceparent).toContain(exporter.getFinishedSpans()[0]?.spanContext().traceId);
});

it("the span of a submission is a child of the caller's, and applies in other spans get jobs of their own", async () => {
  const exporter = registered();
  const client = aClient();
  const tracer = trace.getTracer("mine");
  for (const name of ["one", "two"])
    tracer.startActiveSpan(name, (span) => {
      client.view.apply(double, 1);
      client.view.apply(double, 2);
      span.end();
    });
  await settle();
  const headers = headersOf(client);
  expect(headers.map(({ tasks }) => tasks)).toEqual([2, 2]);
  const spans = exporter.getFinishedSpans();
  const parents = spans.filter(({ name }) => name === "fantail submit").map((span) => span.parentSpanContext?.spanId);
  const own = ["one", "two"].map((name) => spans.find((span) => span.name === name)?.spanContext().spanId);
  expect(parents).toEqual(own);
});

it("the span of a refused submission has failed", async () => {
  const exporter = registered();
  const { view, cloud } = aClient();
  cloud.answer = ({ type }) => (type === "submit" ? { type: "error", code: "Refused", message: "no" } : undefined);
  await expect(view.apply(double, 1)).rejects.toThrow(Refused);
  await settle();
  expect(exporter.getFinishedSpans()[0]?.status).toEqual({ code: 2, message: expect.stringContaining("no") });
});

it("without an SDK, a message has no field and no byte more", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const bytes = async () => {
    const { view, cloud } = aClient();
    const asked = vi.spyOn(cloud, "ask");
    view.map(double, [1, 2, 3]);
    await settle();
    return asked.mock.calls.map(([text]) => text.length);
  };
  const before = await bytes();
  registered();
  const [traced = 0] = await bytes();
  trace.disable();
  context.disable();
  expect(await bytes()).toEqual(before);
  expect(traced - (before[0] ?? 0)).toBe(`,"traceparent":"00-${"0".repeat(32)}-${"0".repeat(16)}-01"`.length);
  vi.restoreAllMocks();
});
