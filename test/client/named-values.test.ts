import { describe, expect, test } from "vitest";
import { DirectView } from "../../client/views/direct-view.ts";
import { CodecError, InvalidFlag, NameError, NoEnginesRegistered } from "../../lambdas/protocol/errors.ts";
import type { NamedValue } from "../../lambdas/protocol/named-value.ts";
import { Reference } from "../../lambdas/protocol/reference.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

describe("references to named values", () => {
  test("a job's header lists each referenced name once, at any depth, and other jobs list none", async () => {
    const { view, cloud } = aClient();
    view.apply((a: unknown, b: unknown) => [a, b], new Reference("a"), {
      deep: [new Reference("b"), new Reference("a")],
    });
    view.map((a: number) => a, [1, new Reference<number>("c")]);
    view.map((a: number) => a, [1]);
    await settle();
    const headers = cloud.sent("submit").flatMap(({ jobs }) => jobs.map(({ header }) => header));
    expect(headers.map(({ names }) => names)).toEqual([["a", "b"], ["c"], undefined]);
  });

  test("a reference can only be passed, not captured or pushed", async () => {
    const { core } = aClient();
    expect(() => new DirectView(core, 0).push({ a: new Reference("b") })).toThrow(CodecError);
    expect(() => new Reference("")).toThrow(TypeError);
  });
});

describe("push and pull", () => {
  test("pushes are sent in the order of the calls, with the values of that moment, and code only once", async () => {
    const { core, view, cloud, clock } = aClient();
    const list = [1];
    view.apply((x: number) => x, 1);
    const f = (x: number) => x + 1;
    const first = new DirectView(core, [0, 2]).push({ list, f });
    list.push(2);
    view.apply((x: number) => x, 2);
    const second = new DirectView(core, 1).push({ f });
    await clock.until(Promise.all([first, second]));
    expect(cloud.log.filter((type) => type !== "tick")).toEqual(["submit", "push", "submit", "push"]);
    const [one, two] = cloud.sent("push");
    expect(one?.values[0]).toEqual({ name: "list", engines: [0, 2], value: "J[1]" });
    expect([one?.units.length, two?.units.length]).toEqual([1, 0]);
  });

  test("long pushed values are uploaded as blobs before the message", async () => {
    const { core, cloud, clock } = aClient();
    await clock.until(new DirectView(core, undefined).push({ long: "x".repeat(50_000) }));
    expect(cloud.log).toEqual(["blob", "push"]);
    const [value] = cloud.sent("push")[0]?.values ?? [];
    expect(value?.engines).toEqual([0, 1, 2]);
    expect(value?.value).toMatchObject({ blob: [...cloud.blobs.keys()][0] });
  });

  test("pulling an undefined name rejects with a NameError that names the engine", async () => {
    const { core, cloud, clock } = aClient();
    const found: (NamedValue | null)[] = ["J1", null];
    cloud.answer = ({ type }) => (type === "pull" ? { type: "values", values: [found] } : undefined);
    const pulled = new DirectView(core, [2, 0]).pull("a");
    await expect(clock.until(pulled)).rejects.toThrow(NameError);
    await expect(pulled).rejects.toMatchObject({ variable: "a", engineId: 0 });
  });
});

test("a direct view's engines are checked when it is made, and its flags by name", () => {
  const { core } = aClient();
  expect(new DirectView(core, "large").targets).toEqual([2]);
  expect(new DirectView(core, undefined).targets).toEqual([0, 1, 2]);
  expect(() => new DirectView(core, [0, 9])).toThrow(NoEnginesRegistered);
  expect(() => new DirectView(core, "nowhere")).toThrow(NoEnginesRegistered);
  expect(() => new DirectView(core, 0, { targets: 1 } as object)).toThrow(InvalidFlag);
});
