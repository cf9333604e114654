import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { afterAll, expect, test } from "vitest";
import { deployed } from "../../client/index.ts";
import { TestCluster } from "./a-cluster.ts";
import { type WrittenSpan, writtenSpan } from "./traced-module.ts";

const file = join(mkdtempSync(join(tmpdir(), "fantail-spans-")), "spans");
const cluster = new TestCluster({
  pools: [{ name: "default", count: 2, environment: { SPANS_FILE: file } }],
  functions: fileURLToPath(new URL("traced-module.ts", import.meta.url)),
});
const { flaky, nesting } = deployed<typeof import("./traced-module.ts")>();

// Importing the module has registered its SDK in this process too.
trace.disable();
context.disable();
const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
trace.setGlobalTracerProvider(provider);
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
afterAll(() => {
  trace.disable();
  context.disable();
});

/** Runs work, and returns all spans of its trace once the engines have exported those of so many attempts. */
async function spansOf(attempts: number, work: () => Promise<unknown>): Promise<WrittenSpan[]> {
  exporter.reset();
  const root = trace.getTracer("test").startSpan("test");
  await context.with(trace.setSpan(context.active(), root), work);
  root.end();
  const id = root.spanContext().traceId;
  const written = () => (existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : []);
  const onEngines = () => written().flatMap((line): WrittenSpan[] => (line ? [JSON.parse(line)] : []));
  const ended = () => onEngines().filter((span) => span.trace === id && span.name === "fantail task");
  await expect.poll(() => ended().length).toBe(attempts);
  return [...exporter.getFinishedSpans().map(writtenSpan), ...onEngines()].filter((span) => span.trace === id);
}

/** Returns a span's names from the root on. */
function path(span: WrittenSpan, spans: readonly WrittenSpan[]): string {
  const parent = spans.find(({ id }) => id === span.parent);
  return parent ? `${path(parent, spans)} > ${span.name}` : span.name;
}

const LEASE = "test > fantail submit > fantail lease";

test("a job is one trace: its submission, its leases, and in these its tasks and reports; a retry is a further task", async () => {
  const spans = await spansOf(2, async () => {
    expect(await cluster.client.loadBalancedView({ retries: 1 }).apply(flaky, 5)).toBe(5);
  });
  expect(spans.map((span) => path(span, spans)).sort()).toEqual([
    "test",
    "test > fantail submit",
    ...[LEASE, LEASE],
    ...[`${LEASE} > fantail report`, `${LEASE} > fantail report`],
    ...[`${LEASE} > fantail task`, `${LEASE} > fantail task`],
    ...[`${LEASE} > fantail task > own`, `${LEASE} > fantail task > own`],
  ]);
  const tasks = spans.filter(({ name }) => name === "fantail task");
  expect(
    tasks.map(({ attributes, status }) => [attributes["fantail.attempt"], attributes["fantail.status"], status]).sort(),
  ).toEqual([
    [1, "error", 2],
    [2, "ok", 0],
  ]);
});

test("functions that a client sends are in the trace too, each task with its id", async () => {
  let ids: string[] = [];
  const spans = await spansOf(3, async () => {
    const map = cluster.client.loadBalancedView().map((x: number) => x + 1, [1, 2, 3]);
    ids = [...map.taskIds];
    expect(await map).toEqual([2, 3, 4]);
  });
  const tasks = spans.filter((span) => path(span, spans) === `${LEASE} > fantail task`);
  expect(tasks.map(({ attributes }) => attributes["fantail.task"]).sort()).toEqual(ids);
});

test("a nested task is a child of the task that submitted it", async () => {
  const spans = await spansOf(3, async () => {
    expect(await cluster.client.loadBalancedView().apply(nesting, 7)).toBe(7);
  });
  const outer = `${LEASE} > fantail task`;
  const inner = `${outer} > fantail submit > fantail lease > fantail task`;
  const tasks = spans.filter(({ name }) => name === "fantail task");
  expect(tasks.map((span) => path(span, spans)).sort()).toEqual([outer, inner, inner]);
  expect(spans.filter((span) => path(span, spans) === `${inner} > own`)).toHaveLength(2);
});

test("a job of a client that records no trace is in none", async () => {
  const recorded = () => readFileSync(file, "utf8").match(/"name":"fantail task"/g)?.length ?? 0;
  const before = recorded();
  trace.disable();
  expect(await cluster.client.loadBalancedView({ retries: 1 }).apply(flaky, 5)).toBe(5);
  trace.setGlobalTracerProvider(provider);
  await spansOf(2, async () => await cluster.client.loadBalancedView({ retries: 1 }).apply(flaky, 6));
  expect(recorded()).toBe(before + 2);
});
