import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";

/** Values of every kind that the codec supports, as it writes them. */
const SAMPLES = [
  { a: [1, "x", null], b: { c: true } },
  [undefined, -0, Number.NaN, 2n ** 70n, new Date(0), /a+/g, new URL("https://example.org/?a=b")],
  [new Map<unknown, unknown>([["k", new Set([1])]]), Object.assign(Object.create(null), { n: 1 })],
  [new Float64Array([1.5]), new DataView(new ArrayBuffer(2)), Buffer.from("b"), new ArrayBuffer(3)],
  [
    Object.assign(new RangeError("r", { cause: new TypeError("t") }), { field: 1 }),
    new AggregateError([new Error("e")], "a"),
  ],
].map((value) => {
  const text = encodeValue(value, "sample");
  if (typeof text !== "string") throw new Error("a sample is too long");
  return text;
});

/** Strings that a careless decoder might turn into code, or into access to it. */
const WORDS = [
  '"Function"',
  '"AsyncFunction"',
  '"eval"',
  '"constructor"',
  '"__proto__"',
  '"prototype"',
  '"Symbol"',
  '"Instance"',
  '"Reference"',
  '"Error"',
  '"\\u0000class"',
  '"Object"',
  '"RegExp"',
  '"import"',
  '"()=>process.exit()"',
  '"return process"',
];

/** Returns the first thing in a decoded value that is not data. */
function codeIn(value: unknown, seen = new Set<unknown>()): unknown {
  if (typeof value === "function" || typeof value === "symbol") return value;
  if (typeof value !== "object" || value === null || seen.has(value)) return undefined;
  seen.add(value);
  const maker: unknown = Object.getPrototypeOf(value)?.constructor;
  if (
    maker !== undefined &&
    !(
      typeof maker === "function" &&
      /\{ \[native code\] \}$|^class URL|^function Buffer|^class (DOMException|Buffer)/.test(String(maker))
    )
  )
    return maker;
  const inner = [
    ...(value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : []),
    ...Object.getOwnPropertyNames(value).map((key) => Object.getOwnPropertyDescriptor(value, key)?.value as unknown),
  ];
  return inner.map((one) => codeIn(one, seen)).find((found) => found !== undefined);
}

describe("decoded values", () => {
  test("decoding any text yields nothing that can be called", () => {
    const edits = fc.array(
      fc.record({
        at: fc.nat(400),
        cut: fc.nat(6),
        put: fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 3 }), fc.nat(9).map(String)),
      }),
      { minLength: 1, maxLength: 4 },
    );
    let decoded = 0;
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), edits, (sample, changes) => {
        let text: string = sample;
        for (const { at, cut, put } of changes) {
          const place = 1 + (at % text.length);
          text = text.slice(0, place) + put + text.slice(place + cut);
        }
        let value: unknown;
        try {
          value = decodeValue(text);
        } catch {
          return;
        }
        decoded++;
        expect(codeIn(value)).toBeUndefined();
      }),
      { numRuns: 20_000, seed: 11 },
    );
    expect(decoded).toBeGreaterThan(1000);
  });

  test.each(WORDS)("an encoded value with the type %s decodes to no code", (word) => {
    for (const payload of ['"a=>a"', '{"\\u0000class":"Object","":1}', "1"]) {
      for (const text of [
        `D[[${word},1],${payload},"a"]`,
        `D[{"a":1},[${word},2],${payload}]`,
        `D[{${word}:1},"a=>a"]`,
      ]) {
        let value: unknown;
        try {
          value = decodeValue(text);
        } catch {
          continue;
        }
        expect(codeIn(value)).toBeUndefined();
      }
    }
  });

  test("the search for code finds code", () => {
    expect(codeIn({ a: [new Map([["k", () => 1]])] })).toBeTypeOf("function");
    expect(codeIn({ a: new (class Own {})() })).toBeTypeOf("function");
    expect(codeIn(SAMPLES.map((text) => decodeValue(text)))).toBeUndefined();
  });

  test.each([
    ["a function", () => 1],
    ["a class", class A {}],
    ["a method inside", { a: { run() {} } }],
    ["a symbol", Symbol("s")],
    ["a proxy of a function", new Proxy(() => 1, {})],
  ])("%s is not encoded", (_, value) => {
    expect(() => encodeValue([value], "args")).toThrow(/^args\[0\]/);
  });
});
