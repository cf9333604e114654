import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { BRITISH } from "./british-spelling.ts";
import { modulesBelow } from "./module-imports.ts";
import { titlesIn } from "./test-titles.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const sources = ["client", "cdk", "lambdas"].flatMap(modulesBelow);
const all = [...sources, ...["test", "bench", "examples"].flatMap(modulesBelow)];
const titled = all
  .filter(({ path }) => path.startsWith("test/"))
  .map(({ path, text }) => ({ path, titles: titlesIn(text) }));

/** Words in names that only this project used, or that mean nothing, with the words to use instead. */
const RETIRED_IN_NAMES: Readonly<Record<string, string>> = {
  door: "endpoint, or the function's name",
  doors: "endpoints",
  told: "reported, or what it is",
  tell: "report, notify or print",
  opened: "released",
  openings: "releases",
  hint: "entry, or advice",
  hints: "entries",
  what: "label, or what it labels",
  stands: "placeholders",
  marked: "updated",
  heir: "subclass",
  bears: "has",
};

/** Names that may stay, each with its reason and the files that may contain it. */
const ALLOWED_NAMES: Readonly<Record<string, readonly [reason: string, files: RegExp]>> = {
  door: ["sent in the event that starts an engine", /protocol\/engine-event|placing\/start-session/],
  hints: ["sent in the status that clients read", /protocol\/scheduler-answer|messages\/status/],
  hint: ["stored in rows of what is due", /rows\/due-rows/],
  opened: ["stored as a set of a bucket's ledger", /protocol\/rows|recall-lost|ready-again|release-groups/],
  what: [
    "public in an explanation",
    /client\/shipping\/(?:explain|unit\/binding|unit\/unit-parts|capture\/engine-own)/,
  ],
};

const RETIRED_IN_COMMENTS =
  /\b(?:hints?|doors?|told|openings?|hand-outs?|queue class(?:es)?|claims that|anew|for ever|heirs?|oftener|whoever|next to nothing|dearer|bears|no more than one)\b/i;

/** Constants that limit a value have the usual prefixes `MAX_` and `MIN_`. */
const OTHER_LIMIT = /\b(?:MOST|LEAST)_\w+/;

/** Numbers of lists that readers of a title do not have. */
const TAGS = /\bU-\d|\binterleaving \d|^\(?\d+\)?: /;

/** Files that contain retired words as examples. */
const WITH_EXAMPLES = ["test/architecture/retired-names.test.ts", "test/architecture/words-of-messages.test.ts"];

const COMMENT = /\/\*[\s\S]*?\*\/|(?<![:\w"'`])\/\/.*/g;

/** Matches names of variables, functions, types, parameters and typed fields, but not comments and strings. */
const DECLARED =
  /\b(?:const|let|function|class|interface|type)\s+([A-Za-z_$][\w$]*)|(?<=[{(,;]\s*(?:readonly\s+)?|^\s*(?:readonly\s+)?)#?([A-Za-z_$][\w$]*)\??:(?=\s*[A-Za-z_[{(])/gm;

function comments(text: string): string[] {
  return Array.from(text.matchAll(COMMENT), ([found]) => found);
}

function retiredNames(text: string): string[] {
  const code = text.replace(COMMENT, "").replace(/"(?:\\.|[^"\\\n])*"/g, '""');
  const names = Array.from(code.matchAll(DECLARED), ([, declared, field]) => declared ?? field ?? "");
  const isRetired = (name: string) =>
    (name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []).some((word) =>
      Object.hasOwn(RETIRED_IN_NAMES, word.toLowerCase()),
    );
  return [...new Set(names.filter(isRetired))];
}

/** Returns paths of modules in backticks, such as `core/lease.ts`. */
function pathsIn(text: string): string[] {
  return comments(text).flatMap((comment) =>
    Array.from(comment.matchAll(/`((?:[\w@.-]+\/)+[\w.-]+\.ts)`/g), ([, path]) => path ?? ""),
  );
}

describe("the words of sources", () => {
  it("no declared name has a retired word, except stored, sent and public names", () => {
    const found = sources.flatMap(({ path, text }) => retiredNames(text).map((name) => ({ path, name })));
    const outside = found.filter(({ path, name }) => !ALLOWED_NAMES[name]?.[1].test(path));
    expect(outside).toEqual([]);
    expect(Object.keys(ALLOWED_NAMES).filter((name) => !found.some((one) => one.name === name))).toEqual([]);
  });

  it("no comment and no title of a test has a retired word", () => {
    const commented = all.map(({ path, text }) => ({ path, texts: comments(text) }));
    const found = [...commented, ...titled.map(({ path, titles }) => ({ path, texts: titles }))]
      .filter(({ path }) => !WITH_EXAMPLES.includes(path))
      .flatMap(({ path, texts }) =>
        texts.flatMap((words) => {
          const [word] = RETIRED_IN_COMMENTS.exec(words) ?? [];
          return word === undefined ? [] : [`${path}: ${word}: ${words}`];
        }),
      );
    expect(found).toEqual([]);
  });

  it("no title of a test refers to a number of some list", () => {
    const found = titled.flatMap(({ path, titles }) => titles.map((title) => ({ path, title })));
    expect(found.length).toBeGreaterThan(2_000);
    expect(found.filter(({ title }) => TAGS.test(title))).toEqual([]);
    expect(["U-3: retries", "ranges (interleaving 7)", "12: an abort"].every((title) => TAGS.test(title))).toBe(true);
  });

  it("sources are spelled the American way and name limits MAX_ and MIN_", () => {
    const found = [...sources, ...["bench", "examples"].flatMap(modulesBelow)].flatMap(({ path, text }) =>
      [BRITISH, OTHER_LIMIT].flatMap((words) => {
        const [word] = words.exec(text) ?? [];
        return word === undefined ? [] : [`${path}: ${word}`];
      }),
    );
    expect(found).toEqual([]);
    const british = ["neighbours", "COLOURS", "recogniseClass", "serialised", "cancelled", "Towards"];
    expect(british.every((word) => BRITISH.test(word))).toBe(true);
    expect(["synthesis", "aria-labelledby", "cancellation", "organism"].some((word) => BRITISH.test(word))).toBe(false);
    expect(OTHER_LIMIT.test("MOST_TASKS")).toBe(true);
  });

  it("the search finds names, comments and titles with a retired word", () => {
    expect(retiredNames("const isTold = 1;\nfunction refusedDoor(told: string) {}")).toEqual([
      "isTold",
      "refusedDoor",
      "told",
    ]);
    expect(retiredNames('const label = "the door"; // told: string')).toEqual([]);
    expect(comments("/** What is told. */\nf(); // told").every((text) => RETIRED_IN_COMMENTS.test(text))).toBe(true);
    expect(titlesIn('it("is told", f);\ntest.each([1])("hints at %s", f);')).toEqual(["is told", "hints at %s"]);
    expect(titlesIn('const ROWS = [["a door", f(1)]];\nit.each<[string, number]>(ROWS)(`${a} of %s`, f);')).toEqual([
      "… of %s",
      "a door",
    ]);
    expect(titlesIn('describe.skipIf(x(1))("on hints", () => { it.for(["doors"] as const)("%s", f); });')).toEqual([
      "on hints",
      "%s",
      "doors",
    ]);
  });

  it("every module that a comment names exists", () => {
    const missing = all.flatMap(({ path, text }) =>
      pathsIn(text)
        .filter((named) => !all.some((one) => one.path === named || one.path.endsWith(`/${named}`)))
        .filter((named) => !existsSync(join(root, named)))
        .map((named) => `${path}: ${named}`),
    );
    expect(missing).toEqual([]);
    expect(pathsIn(`/** As in \`core/${"gone"}.ts\`. */`)).toEqual(["core/gone.ts"]);
  });
});
