import { expect, test } from "vitest";
import { BRITISH } from "../architecture/british-spelling.ts";
import { documents, prose } from "./document.ts";

/** Words that only this project used or that are not idiomatic, with the words to use instead. */
const RETIRED: readonly (readonly [RegExp, string])[] = [
  [/\bhints?\b/i, "queue entry"],
  [/\bdoors?\b/i, "endpoint, or the function's name"],
  [/(?<!high-water )\bmarks?\b/i, "range, update, or high-water mark"],
  [/\btold\b/i, "reported"],
  [/\bopenings?\b/i, "release"],
  [/\bhand-outs?\b/i, "assign leases"],
  [/\bstands\b/i, "placeholders, or is"],
  [/\bstamps?\b/i, "annotation"],
  [/\bqueue class(?:es)?\b/i, "queue"],
  [/\bclaims that\b/i, "whether"],
  [/\banew\b/i, "again"],
  [/\bfor ever\b/i, "forever"],
  [/\bheirs?\b/i, "subclass"],
  [/\boftener\b/i, "more often"],
  [/\bwhoever\b/i, "a noun"],
  [/\bnext to nothing\b/i, "almost nothing"],
  [/\bdear(?:er)?\b/i, "expensive"],
  [/\bbears?\b/i, "has"],
  [/\bno more than one\b/i, "at most one"],
  [/\bwhere this was written\b/i, "say what was not tested"],
  [/\b(?:can|could) be had\b/i, "is available"],
  [/\bnobody['’]s\b/i, "say whose"],
  [BRITISH, "the American spelling"],
];

/** Removes code, which has today's names, and addresses from a line. */
function words(line: string): string {
  return line
    .replaceAll(/`[^`]*`/g, "")
    .replaceAll(/\]\([^)]*\)/g, "]")
    .replaceAll(/<!--.*?-->/g, "");
}

test("documents use none of the retired words", () => {
  const found = documents().flatMap((document) =>
    prose(document).flatMap(({ text, number }) =>
      RETIRED.flatMap(([word, better]) => {
        const [there] = word.exec(words(text)) ?? [];
        return there === undefined ? [] : [`${document.path}:${number}: ${there}: write ${better}`];
      }),
    ),
  );
  expect(found).toEqual([]);
});
