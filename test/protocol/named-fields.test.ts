import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { copyItems, isIndex, itemKeys, mayHaveNamedFields, namedFields } from "../../lambdas/protocol/named-fields.ts";

test.each([
  ["0", true],
  ["7", true],
  ["4294967294", true],
  ["4294967295", false],
  ["-1", false],
  ["-0", false],
  ["01", false],
  ["1.5", false],
  ["1e3", false],
  ["", false],
  [" 1", false],
  ["length", false],
])("the name %j is an index of an array: %s", (key, expected) => {
  expect(isIndex(key)).toBe(expected);
});

describe("named fields of a list", () => {
  const hidden = (list: unknown[]) => Object.defineProperty(list, "total", { value: 1 });
  // Lengths on both sides of the one from which Node's `inspect` is used.
  const lengths = [0, 1, 2, 16, 17, 100];
  const kinds: [string, (length: number) => ArrayLike<unknown>][] = [
    ["an array", (length) => new Array(length).fill(0)],
    ["an array of holes", (length) => new Array(length)],
    ["an array of text that looks like fields", (length) => new Array(length).fill("a: 1 ]")],
    ["a typed array", (length) => new Uint8Array(length)],
    ["a Node buffer", (length) => Buffer.alloc(length)],
  ];
  const cases = lengths.flatMap((length) => kinds.map(([name, make]) => [length, name, make] as const));

  test.each(cases)("%d items of %s are not named fields", (length, _, make) => {
    expect(mayHaveNamedFields(make(length))).toBe(false);
    expect(namedFields(make(length))).toEqual([]);
  });

  test.each(cases)("named fields are found beside %d items of %s", (length, _, make) => {
    const list = Object.assign(make(length), { index: 0, "01": 1 });
    expect(mayHaveNamedFields(list)).toBe(true);
    expect(namedFields(list)).toEqual(["index", "01"]);
  });

  test.each(lengths)("hidden fields and symbols are found beside %d items of an array", (length) => {
    expect(mayHaveNamedFields(hidden(new Array(length).fill(0)))).toBe(true);
    expect(mayHaveNamedFields(Object.assign(new Array(length).fill(0), { [Symbol("s")]: 1 }))).toBe(true);
  });

  test("only a typed array can have a named field length", () => {
    const typed = Object.defineProperty(new Uint8Array(1), "length", { value: 5, enumerable: true });
    expect(namedFields(typed)).toEqual(["length"]);
    expect(namedFields([1])).toEqual([]);
  });
});

describe("the items of an array", () => {
  test("the keys of an array's items omit holes", () => {
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is meant
    expect(itemKeys(Object.assign([1, , 3], { index: 0 }))).toEqual(["0", "2"]);
  });

  test("an array's items are copied with holes and length, and without named fields", () => {
    const item = fc.option(fc.integer(), { nil: undefined });
    fc.assert(
      fc.property(fc.array(item), fc.nat(20), (items, more) => {
        const from: unknown[] = [];
        for (const [at, value] of items.entries()) if (value !== undefined) from[at] = value;
        from.length = items.length + more;
        const to: unknown[] = [];
        copyItems(Object.assign(from.slice(), { index: 0 }), to);
        expect(to.length).toBe(from.length);
        expect(Reflect.ownKeys(to)).toEqual(Reflect.ownKeys(from));
        expect(Object.entries(to)).toEqual(Object.entries(from));
      }),
    );
  });

  test("an array of the greatest length with few items is copied without using memory for its holes", () => {
    const from: unknown[] = [];
    from[4_294_967_294] = "last";
    const to: unknown[] = [];
    copyItems(from, to);
    expect(to.length).toBe(4_294_967_295);
    expect(itemKeys(to)).toEqual(["4294967294"]);
    expect(to.at(-1)).toBe("last");
  });
});
