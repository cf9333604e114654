import { describe, expect, it } from "vitest";
import { Dependency } from "../../client/flags/dependency.ts";
import { dbQuery } from "../../client/history/db-query.ts";
import { purgeResults } from "../../client/history/purge-results.ts";
import { getResult } from "../../client/results/get-result.ts";
import { namedTasks, resultStatus, waitFor } from "../../client/results/named-tasks.ts";
import { resubmit } from "../../client/submit/resubmit.ts";
import { DirectView } from "../../client/views/direct-view.ts";
import { InvalidFlag, InvalidId } from "../../lambdas/protocol/errors.ts";
import { aClient, type TestClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

/** Returns the error that a call throws or rejects with. */
async function refusal(call: () => unknown): Promise<{ name: string; message: string }> {
  try {
    await call();
  } catch (error) {
    if (error instanceof Error) return { name: error.constructor.name, message: error.message };
  }
  return { name: "nothing", message: "" };
}

// biome-ignore lint/suspicious/noExplicitAny: calls that the types refuse
type Loose = any;

describe("an invalid id", () => {
  const nonIds: unknown[] = [
    "x",
    "",
    "01HF7YAT00F6NCESZMBNHS8CW.0",
    "01HF7YAT00F6NCESZMBNHS8CWX.",
    "6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b_3",
    7,
    null,
    { jobId: "01HF7YAT00F6NCESZMBNHS8CWX" },
    Symbol("id"),
  ];
  const calls: [string, (client: TestClient, id: Loose) => unknown][] = [
    ["getResult", ({ core }, id) => getResult(core, id)],
    ["getResult of a list", ({ core }, id) => getResult(core, [id])],
    ["resubmit", ({ core }, id) => resubmit(core, id, {})],
    ["resubmit of a list", ({ core }, id) => resubmit(core, [id], {})],
    // `Client.abort` resolves ids with `namedTasks`.
    ["namedTasks", ({ core }, id) => namedTasks(core, id)],
    ["namedTasks of a list", ({ core }, id) => namedTasks(core, [id])],
    ["wait", ({ core }, id) => waitFor(core, id, {})],
    ["resultStatus", ({ core }, id) => resultStatus(core, id)],
    ["purgeResults", ({ core }, id) => purgeResults(core, id)],
    ["after", ({ view }, id) => view.withFlags({ after: id })],
    ["follow, in a list", ({ view }, id) => view.withFlags({ follow: [id] })],
    ["Dependency", (_, id) => new Dependency(id)],
    ["resubmit's after", ({ core }, id) => resubmit(core, [], { after: id })],
    ["dbQuery by taskId", ({ core }, id) => dbQuery(core, { taskId: { $in: [id] } }, {})],
    ["dbQuery by jobId", ({ core }, id) => dbQuery(core, { jobId: { $in: [id] } }, {})],
  ];

  it.each(calls)("%s throws InvalidId", async (name, call) => {
    const client = aClient();
    for (const id of nonIds) {
      // Operands of a query must be values, so these are refused for another reason.
      if (name.startsWith("dbQuery") && (typeof id === "object" || typeof id === "symbol")) continue;
      expect((await refusal(() => call(client, id))).name, `${name}: ${String(id)}`).toBe("InvalidId");
    }
    await settle();
    expect(client.cloud.messages).toEqual([]);
  });

  it("the error for an invalid id contains the id if it is a string", async () => {
    const { core } = aClient();
    expect(() => getResult(core, "job 5")).toThrow(InvalidId);
    expect((await refusal(() => getResult(core, "job 5"))).message).toContain('"job 5" is not an id');
    expect((await refusal(() => getResult(core, new Date() as Loose))).message).toContain("[Date]");
  });
});

describe("arguments that views refuse", () => {
  /** Every way to set flags. */
  const ways: [string, (client: TestClient, flags: Loose) => unknown][] = [
    ["loadBalancedView", (_, flags) => aClient(flags)],
    ["withFlags", ({ view }, flags) => view.withFlags(flags)],
    ["directView", ({ core }, flags) => new DirectView(core, 0, flags)],
    ["a direct view's withFlags", ({ core }, flags) => new DirectView(core, 0).withFlags(flags)],
    ["resubmit", ({ core }, flags) => resubmit(core, [], flags)],
  ];
  const parallel = (client: TestClient, flags: Loose) => client.view.parallel(flags);

  it.each([...ways, ["parallel", parallel] as const])(
    "%s reports an invalid flag with the same InvalidFlag, which names it",
    async (_, call) => {
      const expected = aClient();
      for (const flags of [{ retries: -1 }, { retires: 1 }, { label: 5 }, { signal: "stop" }, { backoff: 200 }]) {
        const first = await refusal(() => expected.view.withFlags(flags as Loose));
        expect(await refusal(() => call(expected, flags))).toEqual(first);
        expect(first.name).toBe("InvalidFlag");
        expect(first.message).toContain(Object.keys(flags)[0]);
      }
    },
  );

  it.each([...ways, ["parallel", parallel] as const])(
    "%s reports a value without flags with the same error",
    async (name, call) => {
      const client = aClient();
      for (const flags of [[], new Map([["retries", 2]]), new AbortController().signal, null, 5, "retries"]) {
        // `parallel` takes anything that is not an object for its function.
        if (name === "parallel" && (typeof flags !== "object" || flags === null)) continue;
        expect(await refusal(() => call(client, flags)), String(flags)).toEqual(
          await refusal(() => client.view.withFlags(flags as Loose)),
        );
        expect(() => client.view.withFlags(flags as Loose)).toThrow(InvalidFlag);
      }
    },
  );

  it.each(["double", 5, null, undefined, [], { fn: 1 }])(
    "every call reports a missing function alike: %j",
    async (fn) => {
      const { view, core } = aClient();
      const direct = new DirectView(core, 0);
      const first = await refusal(() => view.apply(fn as Loose));
      expect(first).toMatchObject({
        name: "TypeError",
        message: expect.stringContaining("must be the function to run"),
      });
      const loose = view as Loose;
      const calls: (() => unknown)[] = [
        () => loose.map(fn, [1]),
        () => loose.imap(fn, [1]),
        () => loose.remote(fn),
        () => loose.parallel({})(fn),
        () => loose.executor().submit(fn),
        () => loose.executor().map(fn, [1]),
        () => loose.applySync(fn),
        () => loose.mapSync(fn, [1]),
        () => (direct as Loose).apply(fn),
        () => (direct as Loose).map(fn, [1]),
      ];
      for (const call of calls) expect(await refusal(call), String(call)).toEqual(first);
    },
  );

  it("every call reports a bad sequence alike, except for the call's name", async () => {
    const { view, core } = aClient();
    const loose = view as Loose;
    const direct = new DirectView(core, 0) as Loose;
    const f = (x: number) => x;
    const endless = (async function* () {})();
    const calls: [string, (...sequences: unknown[]) => unknown][] = [
      ["map", (...sequences) => loose.map(f, ...sequences)],
      ["map", (...sequences) => loose.mapSync(f, ...sequences)],
      ["map", (...sequences) => direct.map(f, ...sequences)],
      ["imap", (...sequences) => loose.imap(f, ...sequences)],
      ["imap", (...sequences) => loose.executor().map(f, ...sequences)],
      ["parallel", (...sequences) => loose.parallel(f)(...sequences)],
      ["map", (...sequences) => loose.parallel(f).map(...sequences)],
    ];
    for (const [name, call] of calls) {
      const expected = (message: string) => ({ name: "TypeError", message });
      expect(await refusal(() => call())).toEqual(expected(`${name} needs at least one sequence`));
      expect(await refusal(() => call([1], 5))).toEqual(expected(`${name}: args[1] is not iterable`));
      if (name === "imap") continue;
      const advice = ": it is asynchronous; use imap, or collect it into an array first";
      expect(await refusal(() => call(endless))).toEqual(expected(`${name}: args[0] is not iterable${advice}`));
    }
    expect((await refusal(() => direct.scatter("a", 5))).message).toBe("scatter: args[1] is not iterable");
  });
});
