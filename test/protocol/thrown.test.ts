import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { encodeValue } from "../../lambdas/protocol/codec.ts";
import { CodecError } from "../../lambdas/protocol/errors.ts";
import { EncodedError } from "../../lambdas/protocol/outcome-page.ts";
import {
  EngineError,
  ImpossibleDependency,
  RemoteError,
  RunTimeout,
  TaskAborted,
  TaskTimeout,
} from "../../lambdas/protocol/remote-error.ts";
import { decodeThrown, encodeThrown } from "../../lambdas/protocol/thrown.ts";

const where = { taskId: "01ARZ3NDEKTSV4RRFFQ69G5FAV.3", engineId: 7 };

function seenByClient(thrown: unknown): RemoteError {
  const encoded = v.parse(EncodedError, JSON.parse(JSON.stringify(encodeThrown(thrown))));
  const error = decodeThrown(encoded, where);
  if (!(error instanceof RemoteError)) throw new Error(`a ${error.code}`);
  return error;
}

describe("an error of a task", () => {
  test("a task's error reaches the client as a RemoteError with its name, message, stack, ids and cause", () => {
    const thrown = new TypeError("no such row", { cause: new Error("disk") });
    const error = seenByClient(thrown);
    expect(error).toMatchObject({ ename: "TypeError", evalue: "no such row", engineId: 7, taskId: where.taskId });
    expect(error.traceback).toContain("TypeError: no such row");
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.cause).toMatchObject({ message: "disk" });
  });

  test("a task's error reaches the client with its own fields in `thrown`", () => {
    const error = seenByClient(Object.assign(new Error("gone"), { code: "ENOENT", errno: -2 }));
    expect(error.code).toBe("RemoteError");
    expect(error.thrown).toMatchObject({ code: "ENOENT", errno: -2 });
  });

  test("a task's error without a name of its own reaches the client under its class's name", () => {
    class Overdrawn extends Error {}
    expect(seenByClient(new Overdrawn("x")).ename).toBe("Overdrawn");
  });

  test.each<[string, unknown, string, string]>([
    ["a string", "boom", "String", "boom"],
    ["undefined", undefined, "undefined", "undefined"],
    ["null", null, "null", "null"],
    ["a number", 42, "number", "42"],
    ["an object", { status: 404 }, "Object", '{"status":404}'],
    ["a symbol", Symbol("s"), "symbol", "Symbol(s)"],
  ])("a task may throw %s", (_, thrown, ename, evalue) => {
    const error = seenByClient(thrown);
    expect(error.ename.toLowerCase()).toBe(ename.toLowerCase());
    expect(error.evalue).toBe(evalue);
  });

  test("a thrown value that is not an error is the cause of the client's error", () => {
    expect(seenByClient({ status: 404 }).cause).toEqual({ status: 404 });
  });

  test("a task's error reaches the client without fields that cannot be sent", () => {
    const thrown = Object.assign(new Error("half"), { socket: { on: () => 1 }, code: "E", cause: new Error("why") });
    const error = seenByClient(thrown);
    expect(error.thrown).toMatchObject({ message: "half", code: "E" });
    expect(error.thrown).not.toHaveProperty("socket");
    expect(error.cause).toMatchObject({ message: "why" });
  });

  test("a task's error with circular causes that cannot be encoded still reaches the client", () => {
    const a: Error = Object.assign(new Error("a"), { f: () => 1 });
    const b: Error = Object.assign(new Error("b", { cause: a }), { f: () => 1 });
    a.cause = b;
    expect(seenByClient(a).cause).toMatchObject({ message: "b" });
  });

  test("a task's error is cut to the limits of a page", () => {
    const error = seenByClient(Object.assign(new Error("x".repeat(100_000)), { name: "N".repeat(9_000) }));
    expect(error.evalue.length).toBe(20_000);
    expect(error.ename.length).toBe(500);
  });

  test("a task's error reaches the client even if reading it throws", () => {
    const hostile = new Proxy(new Error("x"), {
      get() {
        throw new Error("hands off");
      },
    });
    expect(seenByClient(hostile).ename).toBe("Error");
    expect(seenByClient(Object.create(null)).evalue).toBe("{}");
  });
});

describe("the failure's code picks the class", () => {
  test.each([
    ["EngineError", EngineError],
    ["TaskTimeout", TaskTimeout],
    ["RunTimeout", RunTimeout],
    ["TaskAborted", TaskAborted],
    ["ImpossibleDependency", ImpossibleDependency],
  ] as const)("the code of a failure determines the class of its error: %s", (code, kind) => {
    const error = decodeThrown({ code, ename: code, evalue: "why" }, where);
    expect(error).toBeInstanceOf(kind);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ code, evalue: "why", engineId: 7 });
  });

  test("a result that cannot be encoded is a CodecError with its path", () => {
    let failure: unknown;
    try {
      encodeValue({ a: [() => 1] }, "result");
    } catch (error) {
      failure = error;
    }
    const error = decodeThrown(encodeThrown(failure), where);
    expect(error).toBeInstanceOf(CodecError);
    expect(error).toMatchObject({ path: "result.a[0]", message: (failure as Error).message });
  });
});
