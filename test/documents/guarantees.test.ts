import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { titlesIn } from "../architecture/test-titles.ts";
import { readDocument, root } from "./document.ts";

const LINK = /^\[([\w-]+)\]: (\S+) "(.+)"$/;

test("each guarantee is shown by a test with the title that the page gives", () => {
  const { lines, text } = readDocument("docs/guarantees.md");
  const links = lines.flatMap((line) => {
    const [, label = "", path = "", title = ""] = LINK.exec(line) ?? [];
    return label === "" ? [] : [{ label, path, title }];
  });
  const faults = lines.filter((line) => /^\| .* \| .*\[test\]/.test(line));
  expect(links.length).toBeGreaterThanOrEqual(faults.length);
  const wrong = links.filter(
    ({ path, title }) => !titlesIn(readFileSync(join(root, "docs", path), "utf8")).includes(title),
  );
  expect(wrong).toEqual([]);
  expect(links.filter(({ label }) => !text.includes(`[test][${label}]`))).toEqual([]);
});
