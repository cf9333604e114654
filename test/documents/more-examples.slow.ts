import { describe } from "vitest";
import { isFirst, pagesRun, writtenPages } from "./page-runs.ts";

describe("the documents' examples", () => {
  const { pages } = writtenPages("more");
  pagesRun(pages.filter((page) => !isFirst(page)));
});
