import { expect, test } from "vitest";
import { startOwnThread } from "../../client/local/processes/own-process.ts";
import type { ThreadVerbs } from "./a-served-thread.ts";

const start = () => startOwnThread<ThreadVerbs>("test/local/a-served-thread", "the thread");

test("a thread answers calls with results and errors", async () => {
  const thread = start();
  expect(await thread.call("double", 21)).toBe(42);
  await expect(thread.call("refuse")).rejects.toThrow("not today");
  expect(await thread.call("double", 2)).toBe(4);
  const waiting = thread.call("wait").catch(String);
  await expect(thread.call("exit", 0)).rejects.toThrow("the thread ended with exit code 0");
  expect(await waiting).toContain("the thread ended with exit code 0");
});

test("the error that ends a thread is the reason of its end, and rejects every call", async () => {
  const thread = start();
  const waiting = thread.call("wait").catch(String);
  await expect(thread.call("throwLater")).rejects.toThrow("the thread ended: RangeError: the table is full");
  expect(await waiting).toContain("the thread ended: RangeError: the table is full");
  expect(String(await thread.ended)).toContain("the table is full");
  await expect(thread.call("double", 1)).rejects.toThrow("the table is full");
});

test("a thread that exits without an error is reported with its exit code", async () => {
  const thread = start();
  await expect(thread.call("exit", 3)).rejects.toThrow("the thread ended with exit code 3");
});

test("a thread whose end was expected is reported as closed", async () => {
  const thread = start();
  await thread.call("double", 1);
  thread.expectEnd();
  await expect(thread.call("exit", 1)).rejects.toThrow("the thread was closed");
});
