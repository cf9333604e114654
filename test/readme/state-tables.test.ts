import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { stateTables } from "./state-tables.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const START = "<!-- states -->";
const END = "<!-- /states -->";

/** The pages that hold the tables. */
function pages(): string[] {
  const names = readdirSync(root, { recursive: false, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
  const docs = readdirSync(root, { encoding: "utf8" }).includes("docs")
    ? readdirSync(`${root}docs`, { recursive: true, encoding: "utf8" }).map((name) => `docs/${name}`)
    : [];
  return [...names, ...docs.filter((name) => name.endsWith(".md"))]
    .map((name) => readFileSync(`${root}${name}`, "utf8"))
    .filter((text) => text.includes(START));
}

test("the documents' tables of states and moves are those of the code", () => {
  const found = pages();
  expect(found).toHaveLength(1);
  for (const text of found) {
    const between = text.slice(text.indexOf(START) + START.length, text.indexOf(END));
    expect(plain(between)).toEqual(plain(stateTables()));
  }
});

/** Lines without the spaces and dashes that a formatter adds. */
function plain(text: string): string[] {
  return text
    .trim()
    .split("\n")
    .map((line) => line.replaceAll(/ +\|/g, " |").replaceAll(/-{3,}/g, "---"));
}
