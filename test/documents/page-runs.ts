import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { documents, root } from "./document.ts";
import { type PageProgram, pageProgram } from "./page-program.ts";

/** Generous, for a busy machine: a page takes a few seconds. */
export const MINUTES_MS = 300_000;
const run = promisify(execFile);

/** Pages that `npm test` runs; `npm run test:slow` runs the others. */
const FIRST_PAGES = ["README.md"];

/** A page with TypeScript, and the folder in which it runs. */
export interface Page extends PageProgram {
  path: string;
  home: string;
}

/**
 * Every page with TypeScript, written into a folder while the file's tests run. The folder is inside the package, so that
 * `import "fantail-lambda"` finds the built package as a user's would.
 */
export function writtenPages(name: string): { folder: string; pages: Page[] } {
  const folder = `${root}dist/.documents-${name}`;
  const pages = documents().flatMap((page) => {
    const program = pageProgram(page);
    return program ? [{ path: page.path, home: `${folder}/${page.path.replaceAll(/\W/g, "-")}`, ...program }] : [];
  });
  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    for (const { home, text, files } of pages) {
      mkdirSync(home, { recursive: true });
      writeFileSync(`${home}/page.ts`, text);
      for (const file of files) writeFileSync(`${home}/${file.name}`, file.text);
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return { folder, pages };
}

/** Whether `npm test` runs the page's examples. */
export const isFirst = ({ path }: Page): boolean => FIRST_PAGES.includes(path);

/** Registers a test for each page: its examples run, and print what the page says. */
export function pagesRun(pages: readonly Page[]): void {
  test.each(pages)(
    "the examples of $path run and print what they state",
    { timeout: MINUTES_MS },
    async ({ home, prints }) => {
      const { stdout } = await run(process.execPath, ["--import", "tsx", `${home}/page.ts`], { cwd: root });
      let from = 0;
      for (const text of prints) {
        const at = stdout.indexOf(text, from);
        expect(at, `${JSON.stringify(text)} in the output from here on:\n${stdout.slice(from)}`).toBeGreaterThanOrEqual(
          0,
        );
        from = at + text.length;
      }
    },
  );
}
