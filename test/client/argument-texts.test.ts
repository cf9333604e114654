import { describe, expect, it } from "vitest";
import { ArgumentTexts } from "../../client/submit/argument-texts.ts";

describe("the argument texts of a job", () => {
  it("the texts are in order, a hundred tasks to a block, whatever they contain", () => {
    const texts = new ArgumentTexts();
    const args = Array.from({ length: 250 }, (_, at) => `J["line ${at}\nnext\u2028 é"]`);
    for (const one of args) texts.add(one);
    expect(texts.length).toBe(250);
    const blocks = [...texts.blocks(new Map())];
    expect(blocks.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(blocks.flat().map((text) => JSON.parse(text))).toEqual(args);
  });

  it("a part that is uploaded is replaced by its location, in its task alone", () => {
    const texts = new ArgumentTexts();
    const blob = "0".repeat(64);
    for (let task = 0; task < 120; task++) texts.add(task % 70 === 30 ? [{ blob, bytes: 5 }, "J1"] : "J[1]");
    const location = { blob: "1".repeat(64), bytes: 7 };
    const parsed = [...texts.blocks(new Map([[blob, location]]))].flat().map((text) => JSON.parse(text) as unknown);
    for (const [task, args] of parsed.entries()) expect(args).toEqual(task % 70 === 30 ? [location, "J1"] : "J[1]");
  });
});
