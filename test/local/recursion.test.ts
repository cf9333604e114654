import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { passTrace } from "../../client/local/lambda/recursion.ts";

const pass = (received: string | undefined, name: string) =>
  passTrace(received, `arn:aws:lambda:us-east-1:000000000000:function:${name}`, randomUUID());

it("a trace counts how often a chain of calls has reached a function", () => {
  const first = pass(undefined, "a");
  const other = pass(first.trace, "b");
  const again = pass(other.trace, "a");
  expect([first.hops, other.hops, again.hops]).toEqual([1, 1, 2]);
  const root = (trace: string) => /Root=[^;]+/.exec(trace)?.[0];
  expect(new Set([first, other, again].map(({ trace }) => root(trace))).size).toBe(1);
});

it("each invocation has a trace of its own, even if one caller invokes one function twice", () => {
  const caller = pass(undefined, "a").trace;
  expect(pass(caller, "b").trace).not.toBe(pass(caller, "b").trace);
});
