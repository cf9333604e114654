import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { describe, expect, it, test } from "vitest";
import * as errors from "../../lambdas/protocol/error-classes.ts";
import { InvalidArgument } from "../../lambdas/protocol/invalid-argument.ts";
import { invariant } from "../../lambdas/protocol/invariant.ts";

const CLASSES = Object.entries(errors);

test.each(CLASSES)("%s is a FantailError whose stable code is its name", (name, made) => {
  expect(made === errors.FantailError || made.prototype instanceof errors.FantailError).toBe(true);
  expect([made.name, made.code]).toEqual([name, name]);
});

test("the module of errors exports nothing but these classes", () => {
  expect(CLASSES.length).toBeGreaterThan(25);
  expect(CLASSES.every(([, made]) => typeof made === "function")).toBe(true);
});

/** Error classes of which some instances can be retried, depending on the cause. */
const BY_INSTANCE = new Set(["ClusterError", "CompositeError"]);
const failure = { ename: "E", evalue: "failed", traceback: "", engineId: 0, taskId: "J.0" };
const throttled = Object.assign(new Error("slow down"), { name: "ThrottlingException" });

describe("retryable", () => {
  it.each<[string, errors.FantailError, boolean]>([
    ["a limit of time", new errors.ResultTimeout("late"), true],
    ["a result that is not there yet", new errors.NotReady("not yet"), true],
    ["a task that has not finished", new errors.NotFinished("J.0"), true],
    ["no cluster", new errors.NoCluster("none"), true],
    ["a dead engine", new errors.EngineError(failure), true],
    ["a task that waited too long", new errors.TaskTimeout(failure), true],
    ["a task that ran too long", new errors.RunTimeout(failure), true],
    ["a cluster that AWS throttles", new errors.ClusterError("busy", { cause: throttled }), true],
    ["a cluster that may recover", new errors.ClusterError("busy", { retryable: true }), true],
    ["a map with no other failures", new errors.CompositeError([new errors.EngineError(failure)], [0]), true],
    ["a cluster that failed for good", new errors.ClusterError("broken", { cause: new TypeError("no") }), false],
    ["a client that was closed", new errors.ClusterError("closed"), false],
    ["a lost value", new errors.ValueLost("gone", { cause: throttled }), false],
    ["an error that a task threw", new errors.RemoteError(failure), false],
    ["an aborted task", new errors.TaskAborted(failure), false],
    ["a task that can never run", new errors.ImpossibleDependency(failure), false],
    ["a flag", new errors.InvalidFlag("retries", "is wrong"), false],
    ["a message that is too large", new errors.PayloadTooLarge("large"), false],
    ["an unknown task", new errors.UnknownTask("none"), false],
    ["a broken row", new errors.UnreadableRow({ pk: "p", sk: "s" }, "damaged", { cause: throttled }), false],
    [
      "a map with another failure",
      new errors.CompositeError([new errors.EngineError(failure), new errors.RemoteError(failure)], [0, 1]),
      false,
    ],
  ])("retryable says whether the same call may succeed later: %s", (_, error, expected) => {
    expect(error.retryable).toBe(expected);
  });

  it("retryable is true for exactly the classes that the guide names", () => {
    const guide = readFileSync(new URL("../../docs/guide.md", import.meta.url), "utf8");
    const [, named = ""] = /It is always true for ([^;]*);/.exec(guide) ?? [];
    const always = CLASSES.filter(([name, { prototype }]) => !BY_INSTANCE.has(name) && prototype.retryable);
    expect(always.length).toBeGreaterThan(5);
    expect(Array.from(named.matchAll(/`(\w+)`/g), ([, name]) => name)).toEqual(always.map(([name]) => name).sort());
  });

  it("retryable is not among the fields that an error prints and sends", () => {
    expect(Object.keys(new errors.ClusterError("busy", { retryable: true }))).toEqual(["code", "name"]);
  });
});

describe("an invalid argument", () => {
  const error = new InvalidArgument("not a function");

  it("the error of an invalid argument is both a TypeError and a FantailError, with a code", () => {
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toBeInstanceOf(errors.FantailError);
    expect(error).toBeInstanceOf(InvalidArgument);
    expect(error).not.toBeInstanceOf(errors.InvalidFlag);
    expect(String(error)).toBe("TypeError: not a function");
    expect(inspect(error)).toMatch(/^TypeError: not a function\n {4}at /);
    expect([error.code, error.retryable]).toEqual(["InvalidArgument", false]);
  });

  it("no other TypeError is an error of an invalid argument", () => {
    expect(new TypeError("other")).not.toBeInstanceOf(errors.FantailError);
    expect(new TypeError("other")).not.toBeInstanceOf(InvalidArgument);
  });
});

describe("an invariant", () => {
  it("a violated invariant throws a ClusterError that asks for a report, and one that holds throws nothing", () => {
    expect(() => invariant(0 === Number("0"), "zero is not 0")).not.toThrow();
    for (const broken of [false, undefined, null, 0, ""])
      expect(() => invariant(broken, "it is broken")).toThrow(
        new errors.ClusterError("internal error: it is broken. This is a bug in fantail: please report it"),
      );
  });
});
