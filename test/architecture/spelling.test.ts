import { describe, expect, it } from "vitest";
import { BRITISH } from "./british-spelling.ts";
import { modulesBelow } from "./module-imports.ts";

describe("spelling of sources", () => {
  it("names, comments and messages have American spelling", () => {
    const found = ["client", "examples", "bench"].flatMap(modulesBelow).flatMap(({ path, text }) => {
      const [word] = BRITISH.exec(text) ?? [];
      return word === undefined ? [] : [`${path}: ${word}`];
    });
    expect(found).toEqual([]);
  });

  it("the search finds British forms inside names, and not words such as promise", () => {
    const british = ["isRecognised", "COLOURS", "behaviour", "serialises", "a labelled line", "normalising"];
    expect(british.filter((text) => !BRITISH.test(text))).toEqual([]);
    const american = [
      "promised",
      "colors",
      "precise",
      "otherwise",
      "labeled",
      "labelledby",
      "raised",
      "likewise",
      "exercise",
    ];
    expect(american.filter((text) => BRITISH.test(text))).toEqual([]);
  });
});
