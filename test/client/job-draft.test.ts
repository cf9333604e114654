import fc from "fast-check";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { JobDraft, PART_BYTES } from "../../client/submit/job-draft.ts";
import { submitMessage } from "../../client/submit/submit-message.ts";
import type { FunctionReference } from "../../lambdas/protocol/function-reference.ts";
import { SubmitMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { SPEC_PAGE_BYTES } from "../../lambdas/protocol/spec-page.ts";
import { propertyRuns } from "../property-runs.ts";
import { unicodeText } from "../unicode-text.ts";

const JOB = "01HZZZZZZZZZZZZZZZZZZZZZZZ";

function aDraft(shape: "map" | "apply" = "map"): JobDraft {
  return new JobDraft({ id: JOB, shape, chunked: false, flags: {}, submitted: 1, client: "c", label: undefined });
}

function aFunction(name: string, dataChars = 0): FunctionReference {
  const data = dataChars === 0 ? {} : { data: `J"${"d".repeat(dataChars)}"` };
  return { code: "0".repeat(64), at: "table", name, ...data };
}

describe("the key of a job whose id is derived from an idempotency key", () => {
  const keyOf = (args: string[], change: Partial<ConstructorParameters<typeof JobDraft>[0]> = {}) => {
    const shape = { id: JOB, isKeyed: true, shape: "map", chunked: false, flags: {} } as const;
    const draft = new JobDraft({ ...shape, submitted: 1, client: "c", label: undefined, ...change });
    for (const one of args) draft.addTask(draft.addFunction(aFunction("f")), one);
    return draft.seal().header.key;
  };

  it("equal work has the same key, whichever client submits it, when, and with which label", () => {
    expect(keyOf(["a", "b"])).toMatch(/^[0-9a-f]{64}$/);
    expect(keyOf(["a", "b"], { submitted: 2, client: "d", label: "x" })).toBe(keyOf(["a", "b"]));
  });

  it("other arguments, other flags and another shape make another key", () => {
    const keys = [keyOf(["a"]), keyOf(["a", "b"]), keyOf(["b"]), keyOf(["a"], { flags: { retries: 1 } })];
    expect(new Set([...keys, keyOf(["a"], { shape: "apply" })]).size).toBe(5);
  });

  it("a job without an idempotency key has no key", () => {
    expect(aDraft().seal().header).not.toHaveProperty("key");
  });
});

describe("a sealed job", () => {
  it("a job's tasks are in order, in pages and parts within their limits, whatever the tasks", () => {
    const task = fc.record({
      fn: fc.nat(4),
      args: fc.oneof(
        { weight: 8, arbitrary: unicodeText({ maxLength: 50 }) },
        fc.nat(8000).map((length) => "é\n".repeat(length / 2)),
      ),
    });
    const tasks = fc.array(task, { minLength: 1, maxLength: 400, size: "max" });
    fc.assert(
      fc.property(tasks, fc.nat(8000), (list, dataChars) => {
        const draft = aDraft("apply");
        for (const { fn, args } of list) draft.addTask(draft.addFunction(aFunction(`f${fn}`, dataChars)), args);
        const { header, parts } = draft.seal();
        const pages = parts.flatMap(({ pages: text, waits }, at) => {
          expect(Buffer.byteLength(text)).toBeLessThanOrEqual(PART_BYTES);
          const last = at === parts.length - 1;
          const message = v.parse(SubmitMessage, JSON.parse(submitMessage([], [{ header, pages: text, waits, last }])));
          return message.jobs[0]?.pages ?? [];
        });
        expect(header.tasks).toBe(list.length);
        expect(pages.map(([first]) => first)).toEqual(pages.map((_, at) => at * header.pageTasks));
        for (const [, page] of pages) {
          if (page.tasks.length > 1)
            expect(Buffer.byteLength(JSON.stringify(page))).toBeLessThanOrEqual(SPEC_PAGE_BYTES + 500);
          expect(new Set(page.functions.map(nameOf)).size).toBe(page.functions.length);
        }
        const sent = pages.flatMap(([, page]) => page.tasks.map(([fn, args]) => [nameOf(page.functions[fn]), args]));
        expect(sent).toEqual(list.map(({ fn, args }) => [`f${fn}`, args]));
        const longest = Math.max(...list.map(({ args }) => Buffer.byteLength(JSON.stringify(args))));
        expect(header.specBytes).toBeGreaterThanOrEqual(longest);
      }),
      { numRuns: propertyRuns(15), seed: 7 },
    );
  });

  it("the pages and the waits of a part are together within its limit", () => {
    const draft = aDraft("apply");
    const fn = draft.addFunction(aFunction("f"));
    for (let task = 0; task < 20_000; task++) {
      const on = Array.from({ length: 20 }, (_, at): [string, number, number] => [
        JOB,
        2 * at,
        2 * at + 1 + (task % 2),
      ]);
      const waits = { after: [{ on, all: true, success: true, failure: false }] };
      draft.addTask(fn, `J[${task}]`, task < 1000 ? undefined : waits);
    }
    const { header, parts } = draft.seal();
    expect(header.free).toBe(1000);
    expect(parts.length).toBeGreaterThan(1);
    for (const { pages, waits, bytes } of parts) {
      expect(pages.length + waits.length).toBeLessThanOrEqual(bytes);
      expect(bytes).toBeLessThanOrEqual(PART_BYTES);
    }
    const groups = parts.flatMap(({ waits }) => JSON.parse(`[${waits}]`) as { from: number; to: number }[]);
    expect(groups).toHaveLength(19_000);
    expect(groups.findIndex(({ from, to }, at) => from !== 1000 + at || to !== from + 1)).toBe(-1);
  });

  it("a page holds a hundred short specs, or one long one", () => {
    const short = aDraft();
    const fn = short.addFunction(aFunction("f"));
    for (let task = 0; task < 250; task++) short.addTask(fn, `J[${task}]`);
    expect(short.seal().header).toMatchObject({ pageTasks: 100, tasks: 250, items: 250 });
    const long = aDraft();
    long.addFunction(aFunction("f"));
    for (let task = 0; task < 3; task++) long.addTask(fn, "x".repeat(150_000));
    expect(long.seal().header.pageTasks).toBe(1);
  });
});

function nameOf(fn: FunctionReference | undefined): string | undefined {
  return fn && "name" in fn ? fn.name : undefined;
}
