import { describe, expect, test } from "vitest";
import { functionSource } from "../../client/shipping/source/function-source.ts";

function free(text: string) {
  return functionSource(text).free;
}

describe("the free names", () => {
  test.each<[string, string, string]>([
    ["parameters and locals", "(a, { b, c: [d] }, ...e) => { const f = a; return b + d + e + f + g }", "g"],
    ["hoisted declarations", "() => { use(); return late; function use() {} var late }", ""],
    ["a block's own names", "() => { { let a = 1 } return a }", "a"],
    ["a var in a block", "() => { { var a = 1 } return a }", ""],
    ["loops", "() => { for (let i = 0; i < n; i++); for (const x of xs) use(x); return i + x }", "i n use x xs"],
    ["defaults that do not see the body", "(a = b) => { const b = 1; return a + b }", "b"],
    ["defaults that see earlier parameters", "(a, b = a, c = () => b + d) => c", "d"],
    ["a named function expression", "function f() { return f() + arguments.length + g }", "g"],
    ["an arrow's arguments", "() => arguments", "arguments"],
    ["catch", "() => { try {} catch ({ message }) { return message } return message }", "message"],
    ["labels", "() => { loop: for (;;) { continue loop } }", ""],
    ["keys and members", "(o) => ({ a: 1, b, [c]: 2, d() { return o.e?.f } })", "b c"],
    [
      "a class, but for what is static: it travels as it is",
      "class A extends B { static x = y; [k] = z; #p = q; m() { return this.#p + r + A } static { s } }",
      "k q r z",
    ],
    ["destructuring assignment", "() => { [a, b.c] = d; ({ e, f: g = h } = i) }", "a b d e g h i"],
    ["templates", "(s) => tag`${a}${s}`", "a tag"],
    ["switch", "(s) => { switch (s) { case a: let b = 1; default: return b } }", "a"],
    ["a method", "async *go(x) { yield* x + y }", "y"],
    ["meta properties", "function F() { return new.target }", ""],
  ])("the free names of %s are found", (_, text, names) => {
    expect([...free(text).names.keys()].sort().join(" ")).toBe(names);
  });
});

describe("how a free name is used", () => {
  test.each([
    "a = 1",
    "a += 1",
    "a++",
    "--a",
    "[a] = b",
    "({ x: a } = b)",
    "for (a of b);",
    "for (a in b);",
    "a ??= 1",
  ])("a free name is written by %s", (statement) => {
    expect(free(`() => { ${statement} }`).names.get("a")?.written).toBe(true);
  });

  test.each(["a.b = 1", "a[0]++", "delete a.b", "a.push(1)", "[a.b] = c"])(
    "a free name is not written by %s",
    (statement) => {
      expect(free(`() => { ${statement} }`).names.get("a")?.written).toBe(false);
    },
  );

  test.each<[string, boolean]>([
    ["() => a", true],
    ["() => { if (a) b(); }", true],
    ["() => { if (b) a(); }", false],
    ["() => b && a", false],
    ["() => b ? a : 1", false],
    ["(x = a) => x", false],
    ["() => () => a", false],
    ["() => { try { a() } catch {} }", false],
    ["() => { for (;;) a() }", false],
    ["() => { if (b) return; a() }", false],
    ["() => { switch (b) { case 1: a() } }", false],
    ["() => b?.[a]", false],
    ["() => { b ??= a }", false],
  ])("every call of %s reads a: %s", (text, certain) => {
    expect(free(text).names.get("a")?.certain).toBe(certain);
  });

  test("the members of a free name are listed if only its members are used", () => {
    const names = free("() => [a.x, a['y'], a?.z, b.x, b, c[k], d.m(), delete e.x, (0, f.m)()]").names;
    const listed = Array.from(names, ([name, { members }]) => [name, members && [...members].join()]);
    expect(Object.fromEntries(listed)).toEqual({
      a: "x,y,z",
      b: undefined,
      c: undefined,
      k: undefined,
      d: "m",
      e: undefined,
      f: "m",
    });
    expect(["d", "f"].map((name) => names.get(name)?.methodCalls)).toEqual([true, false]);
  });

  test("the modules that a function loads when it runs are listed", () => {
    const { requests, names } = free("async () => [await import('x'), require('y'), import(z)]");
    expect(requests.map(({ kind, specifier }) => `${kind} ${specifier}`)).toEqual(["import x", "require y"]);
    expect([...names.keys()]).toEqual(["z"]);
    expect(free("(require) => require('y')").requests).toEqual([]);
  });
});
