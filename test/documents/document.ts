import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A fenced block of a document. */
export interface Block {
  /** The first word after the fence. */
  language: string;
  /** The words after it. */
  options: readonly string[];
  code: string;
  /** Line of the fence, from 0. */
  line: number;
}

/** A Markdown file of this repository. */
export interface Document {
  /** Path from the root. */
  path: string;
  text: string;
  lines: readonly string[];
}

/** Returns all Markdown files by path. */
export function documents(): Document[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"], {
    cwd: root,
  });
  const paths = listed.toString().split("\0").filter(Boolean).sort();
  return [...new Set(paths)].map(readDocument);
}

export function readDocument(path: string): Document {
  const text = readFileSync(`${root}${path}`, "utf8");
  return { path, text, lines: text.split("\n") };
}

export function blocks({ lines }: Document): Block[] {
  const found: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, indent, info] = /^(\s*)```(.*)$/.exec(lines[at] ?? "") ?? [];
    if (info === undefined || indent === undefined) continue;
    const end = lines.indexOf(`${indent}\`\`\``, at + 1);
    const [language = "", ...options] = info.trim().split(/\s+/);
    const code = lines.slice(at + 1, end).join("\n");
    found.push({ language, options, code, line: at });
    at = end;
  }
  return found;
}

/** Returns the lines outside of fenced blocks, with their numbers from 1. */
export function prose(document: Document): { text: string; number: number }[] {
  const fenced = blocks(document).map(({ line, code }) => [line, line + code.split("\n").length + 1] as const);
  return document.lines
    .map((text, at) => ({ text, number: at + 1 }))
    .filter(({ number }) => !fenced.some(([from, to]) => from < number && number <= to + 1));
}

/** Returns the headings outside of fenced blocks, with their level. */
export function headings(document: Document): { level: number; text: string; anchor: string }[] {
  const seen = new Map<string, number>();
  return prose(document).flatMap(({ text }) => {
    const [, marks = "", words] = /^(#{1,6}) (.+)$/.exec(text) ?? [];
    if (words === undefined) return [];
    const anchor = anchorOf(words);
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return [{ level: marks.length, text: words, anchor: count === 0 ? anchor : `${anchor}-${count}` }];
  });
}

/** Returns the anchor that GitHub generates for a heading. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}
