import { execFile } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documents, root } from "./document.ts";
import { pageProgram } from "./page-program.ts";

/** Inside the package, so that `import "fantail-lambda"` finds the built package, as in a user's project. */
const folder = `${root}dist/.documents`;
/** Generous, for a busy machine: a page takes a few seconds. */
const MINUTES_MS = 300_000;
const run = promisify(execFile);

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
  const options = { noEmit: true, rootDir: root, skipLibCheck: true };
  const files = pages.map(({ home }) => `${home}/page.ts`);
  const settings = { extends: `${root}tsconfig.json`, compilerOptions: options, files, include: [] };
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(settings));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the documents' examples", () => {
  test("are there, and promise what they print", () => {
    expect(pages.length).toBeGreaterThanOrEqual(5);
    expect(pages.flatMap(({ prints }) => prints).length).toBeGreaterThanOrEqual(20);
  });

  test("are well typed", { timeout: MINUTES_MS }, async () => {
    const tsc = `${root}node_modules/typescript/bin/tsc`;
    const { stdout } = await run(process.execPath, [tsc, "-p", folder], { cwd: root }).catch((error) => error);
    expect(stdout).toBe("");
  });

  test.each(pages)("of $path run and print what they say", { timeout: MINUTES_MS }, async ({ home, prints }) => {
    const { stdout } = await run(process.execPath, ["--import", "tsx", `${home}/page.ts`], { cwd: root });
    let from = 0;
    for (const text of prints) {
      const at = stdout.indexOf(text, from);
      expect(at, `${JSON.stringify(text)} in the output from here on:\n${stdout.slice(from)}`).toBeGreaterThanOrEqual(
        0,
      );
      from = at + text.length;
    }
  });
});
