import { expect, it } from "vitest";
import { modulesBelow } from "../architecture/module-imports.ts";
import { commentOf, exportsOf } from "./entry-exports.ts";
import { optionalFields } from "./optional-fields.ts";

const ENTRIES = ["client/index.ts", "client/task.ts", "client/local/index.ts", "cdk/index.ts"];

/** Types that describe something and that nobody fills in. Their optional fields have no default, but may be absent. */
const DESCRIPTIONS = new Set(["Connection", "EnvironmentInfo", "Statement"]);

const texts = ["client", "cdk", "lambdas"].flatMap(modulesBelow).map(({ text }) => text);

/** Names of the types that users can import, and of those in the namespace of something that they can import. */
const names = new Set([
  ...ENTRIES.flatMap((path) => exportsOf(path).types),
  ...texts.flatMap((text) =>
    Array.from(text.matchAll(/^export declare namespace \w+ \{\s*export type \{([^}]*)\}/gm), ([, list = ""]) =>
      list.split(",").map((one) => one.trim().replace(/ as \w+$/, "")),
    ).flat(),
  ),
]);
const fields = texts.flatMap(optionalFields).filter(({ type }) => names.has(type));

it("the comment of each optional public field states the default", () => {
  expect(fields.length).toBeGreaterThan(80);
  const silent = fields.filter(({ type, comment }) =>
    DESCRIPTIONS.has(type)
      ? !/\babsent\b/i.test(comment)
      : !/\bDefault:? \S/.test(comment.replaceAll(/\s*\n\s*\*\s*/g, " ")),
  );
  expect(silent.map(({ type, name }) => `${type}.${name}`)).toEqual([]);
});

it("the comment of each public type with options has an example", () => {
  const options = new Set(fields.map(({ type }) => type).filter((type) => !DESCRIPTIONS.has(type)));
  expect(options.size).toBeGreaterThan(10);
  const bare = [...options].filter((type) => !texts.some((text) => commentOf(type, text).includes("@example")));
  expect(bare).toEqual([]);
});

it("optional fields are found at any depth of exported types, and in none that is optional itself", () => {
  const text = `
    export interface One<T> { /** Default 1. */ a?: T; b: { c?: number }; d?: { e?: number }; f(g?: number): void }
    export type Two = Omit<One<string>, "a"> & {
      // Not a doc comment.
      h?: boolean;
    };
    interface Hidden { i?: number }`;
  expect(optionalFields(text)).toEqual([
    { type: "One", name: "a", comment: "/** Default 1. */" },
    { type: "One", name: "c", comment: "" },
    { type: "One", name: "d", comment: "" },
    { type: "Two", name: "h", comment: "" },
  ]);
});
