import { runInThisContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { shipFunction } from "../../client/shipping/ship-function.ts";
import { loadFunction } from "../../lambdas/engine/worker/load-function.ts";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";

/** Returns the function's result after loading it as an engine does. */
function onEngine(fn: () => unknown): unknown {
  const { source, hash, data } = shipFunction(fn);
  return loadFunction(source, hash, decodeValue(encodeValue(data, "data")), { own: {}, modules: new Map() })();
}

const outcome = (run: () => unknown): unknown => {
  try {
    return run();
  } catch (error) {
    return (error as Error).name;
  }
};

/** Functions that strict mode changes, each as an expression of a function without parameters. */
const SENSITIVE: [string, string][] = [
  ["an arrow that assigns to a fixed field", "() => { const o = Object.freeze({ a: 1 }); o.a = 2; return o.a; }"],
  ["an arrow that deletes a fixed field", "() => { const o = Object.freeze({ a: 1 }); return delete o.a; }"],
  ["an arrow that counts up a getter", "() => { const o = { get a() { return 1; } }; o.a++; return o.a; }"],
  [
    "an arrow that takes apart into a getter",
    "() => { const o = { get a() { return 1; } }; [o.a] = [2]; return o.a; }",
  ],
  ["an arrow with a function that asks for this", "() => (function () { return typeof this; })()"],
  ["an arrow with a method that boxes this", "() => ({ m() { return typeof this; } }).m.call(1)"],
  ["an arrow with arguments that follow parameters", "() => (function (a) { a = 2; return arguments[0]; })(1)"],
  ["an arrow with a function in a block", "() => { { function inner() {} } return typeof inner; }"],
  ["a method that asks for this", "({ m() { return typeof this; } }).m"],
  ["a getter that asks for this", 'Object.getOwnPropertyDescriptor({ get g() { return typeof this; } }, "g").get'],
  [
    "a generator that asks for this",
    "(() => { function* g() { yield typeof this; } return () => g().next().value; })()",
  ],
  [
    "a class, which is always strict",
    "() => new (class { m() { return typeof (0, this.t)(); } t() { return this; } })().m()",
  ],
  ["an arrow that strict mode does not change", "() => [1, 2].map((x) => x + 1).join()"],
];

describe.each<[string, (code: string) => unknown]>([
  ["sloppy", (code) => new Function(`return ${code}`)()],
  ["strict", (code) => new Function(`"use strict"; return ${code}`)()],
  ["strict by its function", (code) => new Function(`return (function () { "use strict"; return ${code}; })()`)()],
  ["sloppy beside a strict function", (code) => new Function(`function other() { "use strict"; } return ${code}`)()],
  ["sloppy, of a script", (code) => runInThisContext(`(${code})`)],
  ["strict, of a script", (code) => runInThisContext(`"use strict"; (${code})`, { filename: "x.js", lineOffset: 7 })],
])("in code that is %s", (_, make) => {
  test.each(SENSITIVE)("%s behaves on an engine as it does here", (_name, code) => {
    const fn = make(code) as () => unknown;
    expect(outcome(() => onEngine(fn))).toEqual(outcome(fn));
  });
});

test.each([
  ["an octal literal", "() => 0o10 + 010"],
  ["an octal escape", '() => "\\101"'],
  ["a name that strict mode reserves", "() => { var package = 1; return package; }"],
])("%s is evaluated in sloppy mode", (_, code) => {
  const fn = new Function(`return ${code}`)();
  expect(onEngine(fn)).toEqual(fn());
});

test("a function made by eval is refused if strict mode would change its behaviour, because its mode is unknown", () => {
  // biome-ignore lint/security/noGlobalEval: eval is the case
  const evaluated = (code: string) => globalThis.eval(code) as () => unknown;
  expect(() => shipFunction(evaluated("(o) => { o.a = 1; }"))).toThrow(/made by eval.*"use strict"/);
  expect(onEngine(evaluated("() => 1"))).toBe(1);
  expect(onEngine(evaluated('"use strict"; () => { const o = {}; o.a = 1; return o.a; }'))).toBe(1);
});

test("an assignment to a global of the language is refused", () => {
  expect(() => shipFunction(new Function("return () => { parseInt = 1; }")())).toThrow(/parseInt: is assigned to/);
});
