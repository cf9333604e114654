import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { blocks, documents, headings, prose, readDocument, root } from "./document.ts";

/** Longest line of a document, in characters. */
const LINE = 200;
const README_BYTES = 10_240;
/** Longer pages must begin with a list of their sections. */
const SHORT_PAGE = 150;
const LANGUAGES = new Set(["ts", "js", "sh", "json", "yaml", "text", "python"]);

/** Removes the addresses of links, which cannot be broken into lines. */
function withoutAddresses(line: string): string {
  return line.replaceAll(/\]\([^)]*\)/g, "]").replaceAll(/https?:\/\/\S+/g, "");
}

test(`no line of a document has more than ${LINE} characters, addresses of links left out`, () => {
  const long = documents().flatMap(({ path, lines }) =>
    lines.flatMap((line, at) => (withoutAddresses(line).length > LINE ? [`${path}:${at + 1}`] : [])),
  );
  expect(long).toEqual([]);
});

test(`the README has at most ${README_BYTES} bytes`, () => {
  expect(Buffer.byteLength(readDocument("README.md").text)).toBeLessThanOrEqual(README_BYTES);
});

test("the README names the two commands, the first in a checkout", () => {
  const commands = blocks(readDocument("README.md")).filter(({ language }) => language === "sh");
  const text = commands.map(({ code }) => code).join("\n");
  expect(text).toMatch(/^npm start\b/m);
  expect(text).toMatch(/^npm test\b/m);
});

test("the README shows the chart of the benchmark beside other systems, once there is one", () => {
  const isShown = readDocument("README.md").text.includes("](docs/peers.svg)");
  expect(isShown).toBe(existsSync(`${root}docs/peers.svg`));
});

test("the README shows the chart of more engines and larger maps, once there is one", () => {
  const isShown = readDocument("README.md").text.includes("](docs/flat.svg)");
  expect(isShown).toBe(existsSync(`${root}docs/flat.svg`));
});

test("every fenced block names its language", () => {
  const unnamed = documents().flatMap((document) =>
    blocks(document)
      .filter(({ language }) => !LANGUAGES.has(language))
      .map(({ line, language }) => `${document.path}:${line + 1}: ${language}`),
  );
  expect(unnamed).toEqual([]);
});

test("a code span ends on the line on which it begins", () => {
  const open = documents().flatMap((document) =>
    prose(document)
      .filter(({ text }) => (text.split("`").length - 1) % 2 === 1)
      .map(({ number }) => `${document.path}:${number}`),
  );
  expect(open).toEqual([]);
});

test("a document has one title, and it is the first line", () => {
  const wrong = documents().filter((document) => {
    const titles = headings(document).filter(({ level }) => level === 1);
    return titles.length !== 1 || document.lines[0] !== `# ${titles[0]?.text}`;
  });
  expect(wrong.map(({ path }) => path)).toEqual([]);
});

test(`a page of more than ${SHORT_PAGE} lines lists its sections at the top`, () => {
  for (const document of documents().filter(({ lines }) => lines.length > SHORT_PAGE)) {
    const sections = headings(document).filter(({ level }) => level === 2);
    const wanted = sections
      .filter(({ text }) => text !== "Contents")
      .map(({ text, anchor }) => `[${text}](#${anchor})`);
    const lines = prose(document).map(({ text }) => text);
    const from = lines.indexOf("## Contents");
    const to = lines.findIndex((line, at) => at > from && line.startsWith("#"));
    const listed = lines.slice(from, to).flatMap((line) => /^- (\[.+\]\(#.+\))$/.exec(line)?.[1] ?? []);
    expect({ path: document.path, listed }).toEqual({ path: document.path, listed: wanted });
  }
});
