import { describe, expectTypeOf, it } from "vitest";
import {
  AsyncResult,
  type Client,
  depend,
  dependent,
  deployed,
  type LoadBalancedView,
  Reference,
  registerClass,
  requires,
} from "../../client/index.ts";
import type * as functions from "../e2e/deployed-module.ts";
import { aClient } from "./a-client.ts";

/** Never called: the compiler checks its body. */
function unrun(_: (view: LoadBalancedView, client: Client) => void): void {}

describe("types", () => {
  it("the type of a result follows from the function and the items", () => {
    unrun((view) => {
      expectTypeOf(view.apply((a: number, b: string) => a + b.length, 1, "b")).toEqualTypeOf<AsyncResult<number>>();
      expectTypeOf(view.apply(async (a: number) => [a], 1)).resolves.toEqualTypeOf<number[]>();
      expectTypeOf(view.map((x) => x.length, ["a", "b"])).toEqualTypeOf<AsyncResult<number[]>>();
      expectTypeOf(view.map(async (x) => `${x + 1}`, [1, 2])).toEqualTypeOf<AsyncResult<string[]>>();
      expectTypeOf(view.map((x, y) => x + y.length, [1], new Set(["a"]))).resolves.toEqualTypeOf<number[]>();
      expectTypeOf(
        view.map((x: number, y: string, z: boolean) => (z ? x : y), [1], ["a"], [true]),
      ).resolves.toEqualTypeOf<(string | number)[]>();
      expectTypeOf(view.mapSync((x) => x * 2, [1])).resolves.toEqualTypeOf<number[]>();
      expectTypeOf(view.applySync((x: number) => x, 1)).resolves.toEqualTypeOf<number>();
    });
  });

  it("a direct view's types follow its targets, and a reference has the type of its value", () => {
    unrun((view, client) => {
      expectTypeOf(client.directView().apply((x: number) => x, 1)).toEqualTypeOf<AsyncResult<number[]>>();
      expectTypeOf(client.directView([0, 1]).pull<string>("a")).resolves.toEqualTypeOf<string[]>();
      expectTypeOf(
        client.directView(0).apply(async (x: number) => `${x}`, new Reference("x")),
      ).resolves.toEqualTypeOf<string>();
      expectTypeOf(client.directView().map((x: number) => `${x}`, [1])).resolves.toEqualTypeOf<string[]>();
      expectTypeOf(view.apply((x: number) => x, new Reference("x"))).resolves.toEqualTypeOf<number>();
      expectTypeOf(view.apply(new Reference<(x: number) => string>("f"), 1)).resolves.toEqualTypeOf<string>();
      expectTypeOf(client.resubmit<number>(["a"])).resolves.toEqualTypeOf<number[]>();
    });
  });

  it("results are accepted in place of their values at any depth, and a map's result in place of its items", () => {
    unrun((view, client) => {
      const one = view.apply(() => 1);
      const words = view.map((n: number) => `${n}`, [1, 2]);
      expectTypeOf(view.apply((a: number, b: string) => b + a, one, "b")).toEqualTypeOf<AsyncResult<string>>();
      expectTypeOf(
        view.apply((o: { x: number; deep: { list: number[] } }) => o.x, { x: one, deep: { list: [one, 2] } }),
      ).resolves.toBeNumber();
      expectTypeOf(view.apply((xs: number[]) => xs.length, [one, 2, one])).resolves.toBeNumber();
      expectTypeOf(view.apply((xs: readonly string[]) => xs.length, words)).resolves.toBeNumber();
      expectTypeOf(view.map((text) => text.length, words)).toEqualTypeOf<AsyncResult<number[]>>();
      expectTypeOf(view.map((text: string, n: number) => text + n, words, [one, 2])).toEqualTypeOf<
        AsyncResult<string[]>
      >();
      expectTypeOf(view.map((o: { x: number }) => o.x, [{ x: one }, { x: 2 }])).toEqualTypeOf<AsyncResult<number[]>>();
      expectTypeOf(view.applySync((n: number) => n, one)).resolves.toBeNumber();
      expectTypeOf(view.mapSync((text) => text.length, words)).resolves.toEqualTypeOf<number[]>();
      expectTypeOf(view.imap((text: string) => text.length, words)).toEqualTypeOf<AsyncGenerator<number, void>>();
      expectTypeOf(view.remote((n: number) => `${n}`)(one)).resolves.toBeString();
      expectTypeOf(view.executor().submit((n: number) => n, one)).resolves.toBeNumber();
      expectTypeOf(view.parallel((xs: string[]) => xs)(words)).resolves.toEqualTypeOf<string[]>();
      expectTypeOf(client.directView().apply((n: number) => n, one)).resolves.toEqualTypeOf<number[]>();
      expectTypeOf(client.directView().map((text) => text.length, words)).resolves.toEqualTypeOf<number[]>();
      // @ts-expect-error: a result of another type
      view.apply((text: string) => text, one);
      // @ts-expect-error: one within an object
      view.apply((o: { x: string }) => o.x, { x: one });
      // @ts-expect-error: items of another type
      view.map((n: number) => n, words);
      // @ts-expect-error: a native promise is not a result
      view.apply((n: number) => n, Promise.resolve(1));
    });
  });

  it("items and arguments of the wrong type or number do not compile", () => {
    unrun((view) => {
      // @ts-expect-error: a string is not a number
      view.map((x: number) => x, ["a"]);
      // @ts-expect-error: the second sequence is missing
      view.map((x: number, y: number) => x + y, [1]);
      // @ts-expect-error: an argument is missing
      view.apply((a: number, b: number) => a + b, 1);
      // @ts-expect-error: an argument of another type
      view.apply((a: number) => a, "1");
      // @ts-expect-error: map takes no asynchronous sequences
      view.map((x: number) => x, (async function* () {})());
      // @ts-expect-error: no such flag
      view.withFlags({ retrys: 1 });
      // @ts-expect-error: no such scheme
      view.withFlags({ scheme: "fastest" });
    });
  });

  it("iteration yields items, and metadata has its shape", () => {
    unrun(async (view) => {
      const map = view.map((x) => `${x}`, [1]);
      for await (const item of map) expectTypeOf(item).toEqualTypeOf<string>();
      for await (const item of view.apply(() => [1])) expectTypeOf(item).toEqualTypeOf<number[]>();
      expectTypeOf((await map.metadata())[0]?.attempts[0]?.started).toEqualTypeOf<Date | undefined>();
      expectTypeOf((await view.apply(() => "a").metadata()).status).toBeString();
      expectTypeOf(await map.stdout()).toEqualTypeOf<string[]>();
      expectTypeOf(await view.apply(() => 1).stdout()).toEqualTypeOf<string>();
    });
  });

  it("imap, parallel, remote and the executor preserve types", () => {
    unrun(async (view) => {
      async function* words() {
        yield "a";
      }
      for await (const item of view.imap((x) => x.length, words())) expectTypeOf(item).toEqualTypeOf<number>();
      for await (const item of view.imap((x, y) => [x, y] as const, words(), [1])) {
        expectTypeOf(item).toEqualTypeOf<readonly [string, number]>();
      }
      const flat = view.parallel((xs: number[]) => xs.map(String));
      expectTypeOf(flat([1, 2])).resolves.toEqualTypeOf<string[]>();
      const sums = view.parallel({ chunkSize: 2 })((xs: number[]) => xs.length);
      expectTypeOf(sums([1, 2])).resolves.toEqualTypeOf<number[]>();
      const add = view.remote((a: number, b: number) => a + b);
      expectTypeOf(add).toBeCallableWith(1, 2);
      expectTypeOf(add(1, 2)).resolves.toBeNumber();
      expectTypeOf(view.executor().submit((a: string) => a.length, "a")).resolves.toBeNumber();
    });
  });

  it("requires, depend and dependent preserve types", () => {
    unrun((view) => {
      const add = (a: number, b: string) => a + b.length;
      expectTypeOf(requires("node:zlib", add, { limit: 1 })(add)).toEqualTypeOf<(a: number, b: string) => number>();
      expectTypeOf(dependent(add, (min: number) => min > 1, 2)).toEqualTypeOf<(a: number, b: string) => number>();
      expectTypeOf(
        view.map(
          requires("sharp")(async (x: number) => `${x}`),
          [1],
        ),
      ).resolves.toEqualTypeOf<string[]>();
      const stacked = depend((min: number) => min > 1, 2)(requires("sharp")((xs: number[]) => xs.map(String)));
      expectTypeOf(view.parallel(stacked)([1, 2])).resolves.toEqualTypeOf<string[]>();
      expectTypeOf(view.remote(stacked)([1])).resolves.toEqualTypeOf<string[]>();
      const first = requires("sharp")(<T>(xs: T[]) => xs[0]);
      expectTypeOf(first([1])).toEqualTypeOf<number | undefined>();
      // @ts-expect-error: the predicate's argument is missing
      depend((min: number) => min > 1);
      // @ts-expect-error: a number is not a requirement
      requires(1);
      // @ts-expect-error: the wrapper takes the same arguments as the function
      requires("sharp")((x: number) => x)("a");
    });
  });

  it("deployed functions have the types of their module's functions, and other exports have none", () => {
    unrun((view) => {
      const { area, fibonacci } = deployed<typeof functions>();
      expectTypeOf(area).toEqualTypeOf<(width: number, height: number) => number>();
      expectTypeOf(view.map(area, [1], [2])).resolves.toEqualTypeOf<number[]>();
      expectTypeOf(view.apply(fibonacci, 3)).resolves.toEqualTypeOf<number>();
      // @ts-expect-error: the function takes numbers
      view.apply(area, "a", 2);
      // @ts-expect-error: the module exports a number, which is not a function
      void deployed<typeof functions>().limit;
      // @ts-expect-error: the module has no export of that name
      void deployed<typeof functions>().volume;
      expectTypeOf(deployed<typeof area>("area")).toEqualTypeOf<typeof area>();
    });
  });

  it("a registered class has its functions' parameter and result types", () => {
    unrun(() => {
      class Money {
        readonly cents: bigint;
        private constructor(cents: bigint) {
          this.cents = cents;
        }
        static of(cents: bigint): Money {
          return new Money(cents);
        }
      }
      expectTypeOf(registerClass(Money)).toEqualTypeOf<typeof Money>();
      registerClass(Money, { serialize: (money) => money.cents, deserialize: (cents) => Money.of(cents) });
      const read = (money: Money) => String(money.cents);
      // @ts-expect-error: `deserialize` must take what `serialize` returns
      registerClass(Money, { serialize: read, deserialize: (cents: bigint) => Money.of(cents) });
      // @ts-expect-error: `deserialize` must return an instance of the class
      registerClass(Money, { serialize: (money) => money.cents, deserialize: () => new Date() });
      // @ts-expect-error: not a class
      registerClass({});
    });
  });

  it("a result is assignable to a promise", async () => {
    const { view } = aClient();
    const result = view.map((x: number) => x, []);
    expectTypeOf(result).toExtend<Promise<number[]>>();
    expectTypeOf(result.catch((error: Error) => error.message)).resolves.toEqualTypeOf<number[] | string>();
    expectTypeOf(await Promise.all([result, 1])).toEqualTypeOf<[number[], number]>();
    unrun((_, client) => {
      expectTypeOf(client.getResult<number>("id")).toEqualTypeOf<AsyncResult<number>>();
      expectTypeOf(client.getResult<number>(["id"])).toEqualTypeOf<AsyncResult<number[]>>();
      expectTypeOf(client.getResult(result)).toEqualTypeOf<AsyncResult<number[]>>();
      expectTypeOf(client).toExtend<AsyncDisposable>();
    });
    expectTypeOf(AsyncResult).toBeObject();
  });
});
