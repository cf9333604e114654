import { writeFileSync } from "node:fs";
import { expect } from "vitest";
import { readDocument, root } from "./document.ts";

/**
 * Asserts that a document contains a text between `<!-- generated: name -->` and `<!-- /generated -->`. If the variable
 * FANTAIL_WRITE_DOCUMENTS is set, writes it there instead.
 */
export function expectGeneratedPart(path: string, name: string, text: string): void {
  const document = readDocument(path).text;
  const begin = `<!-- generated: ${name} -->\n`;
  const from = document.indexOf(begin);
  expect(from, `the marker ${begin.trim()} in ${path}`).toBeGreaterThanOrEqual(0);
  const start = from + begin.length;
  const end = document.indexOf("<!-- /generated -->", start);
  const wanted = `\n${text}\n\n`;
  if (process.env.FANTAIL_WRITE_DOCUMENTS) {
    writeFileSync(`${root}${path}`, `${document.slice(0, start)}${wanted}${document.slice(end)}`);
    return;
  }
  expect(document.slice(start, end)).toBe(wanted);
}
