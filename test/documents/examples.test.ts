import { describe, expect, test } from "vitest";
import { isFirst, pagesRun, writtenPages } from "./page-runs.ts";

describe("the documents' examples", () => {
  const { pages } = writtenPages("first");

  test("the documents have examples, and examples state what they print", () => {
    expect(pages.length).toBeGreaterThanOrEqual(5);
    expect(pages.flatMap(({ prints }) => prints).length).toBeGreaterThanOrEqual(20);
    expect(pages.filter(isFirst)).toHaveLength(1);
  });

  pagesRun(pages.filter(isFirst));
});
