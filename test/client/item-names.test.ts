import { describe, expect, it } from "vitest";
import { KeptArguments } from "../../client/outcomes/kept-arguments.ts";
import { AsyncResult } from "../../client/results/async-result.ts";
import { getResult } from "../../client/results/get-result.ts";
import { CompositeError } from "../../lambdas/protocol/composite-error.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const fail = () => {
  throw new RangeError("no");
};

async function failureOf(result: PromiseLike<unknown>): Promise<CompositeError> {
  const error = await Promise.resolve(result).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof CompositeError) return error;
  throw new Error("a CompositeError was expected", { cause: error });
}

describe("the message of a failed item of a map", () => {
  it("contains its index and its argument, the task and the engine", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = ([x]) => (x === 1 ? x : fail());
    const result = view.map((x: unknown) => x, [1, { name: "b" }, "c"]);
    const { errors } = await failureOf(clock.until(result.get()));
    expect(errors.map(({ message }) => message)).toEqual([
      `RangeError: no (item 1: { name: 'b' }; task ${result.taskIds[1]}, engine 0)`,
      `RangeError: no (item 2: 'c'; task ${result.taskIds[2]}, engine 0)`,
    ]);
  });

  it("shortens long arguments to one line, and lists several", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = fail;
    const deep = { a: { b: { c: 1 } }, text: "x\ny".repeat(100), list: Array.from({ length: 50 }, (_, x) => x) };
    const result = view.map((x: object, y: number) => [x, y], [deep], [2]);
    const { errors } = await failureOf(clock.until(result.get()));
    const [, shown = ""] = /\(item 0: (.*); task/s.exec(errors[0]?.message ?? "") ?? [];
    expect(shown).toMatch(/^\{ a: \{ b: \[Object\] \}, text: 'x\\nyx/);
    expect(shown.length).toBeLessThanOrEqual(120);
    expect(shown).not.toContain("\n");
    const two = view.map((x: string, y: number) => x + y, ["a"], [2]);
    expect((await failureOf(clock.until(two.get()))).errors[0]?.message).toContain("(item 0: 'a', 2; task");
  });

  it("names the items of a chunk, whether they or their engine failed", async () => {
    const { view, cloud, clock } = aClient({ chunkSize: 2 });
    const result = view.map((x: number) => x, [10, 20, 30, 40]);
    await settle();
    const lost = { code: "EngineError", ename: "EngineError", evalue: "gone" } as const;
    cloud.write(result.jobId, [
      { index: 0, attempt: 1, status: "lost", final: true, error: lost },
      {
        index: 1,
        attempt: 1,
        status: "error",
        final: true,
        value: '[[1,"J5"],[0,{"code":"RemoteError","ename":"Error","evalue":"no"}]]',
      },
    ]);
    const { errors, indexes } = await failureOf(clock.until(result.get()));
    expect(indexes).toEqual([0, 1, 3]);
    expect(errors.map(({ message }) => /item [^;]*/.exec(message)?.[0])).toEqual([
      "item 0: 10",
      "item 1: 20",
      "item 3: 40",
    ]);
  });

  it("is the same in iterations and values, and counts through joined results", async () => {
    const { view, cloud, clock } = aClient({ returnExceptions: true });
    cloud.behaviour = fail;
    const [one, other] = [view.map((x: number) => x, [10, 20]), view.map((x: number) => x, [30])];
    const joined = AsyncResult.join<unknown>(one, other);
    const values = await clock.until(joined.get({ returnExceptions: true }));
    expect(values.map((error) => /item [^;]*/.exec(String(error))?.[0])).toEqual([
      "item 0: 10",
      "item 1: 20",
      "item 2: 30",
    ]);
    const seen: unknown[] = [];
    for await (const error of other) seen.push(String(error));
    expect(seen).toEqual([expect.stringContaining("item 0: 30;")]);
  });

  it("contains only the index in another process, which does not hold the arguments", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = fail;
    const result = view.map((x: number) => x, [10]);
    await clock.until(result.wait());
    const other = aClient({}, { cloud, clock });
    const { errors } = await failureOf(clock.until(getResult(other.core, result.jobId).get()));
    expect(errors[0]?.message).toContain(`no (item 0; task ${result.jobId}.0,`);
    result.catch(() => {});
  });

  it("an apply's error names no item", async () => {
    const { view, cloud, clock } = aClient();
    cloud.behaviour = fail;
    const result = view.apply((x: number) => x, 1);
    await expect(clock.until(result.get())).rejects.toThrow(`RangeError: no (task ${result.jobId}, engine 0)`);
  });
});

describe("the kept arguments of a job", () => {
  it("are at most a million characters, and none of tasks that succeeded", () => {
    const kept = new KeptArguments();
    kept.keep(0, "x".repeat(600_000));
    kept.keep(1, "x".repeat(600_000));
    kept.keep(2, "y");
    kept.drop(0);
    kept.drop(5);
    expect([0, 1, 2, 5].map((task) => kept.of(task)?.length)).toEqual([undefined, undefined, 1, undefined]);
  });
});
