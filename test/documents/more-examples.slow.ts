import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { root } from "./document.ts";
import { isFirst, MINUTES_MS, pagesRun, writtenPages } from "./page-runs.ts";

const run = promisify(execFile);

describe("the documents' examples", () => {
  const { folder, pages } = writtenPages("more");

  test("the documents' examples compile", { timeout: MINUTES_MS }, async () => {
    const compilerOptions = { noEmit: true, rootDir: root, skipLibCheck: true };
    // The compiler resolves the package's own name to its sources, which need the declarations for dynalite.
    const files = [...pages.map(({ home }) => `${home}/page.ts`), `${root}client/local/dynamodb/dynalite.d.ts`];
    const settings = { extends: `${root}tsconfig.json`, compilerOptions, files, include: [] };
    writeFileSync(`${folder}/tsconfig.json`, JSON.stringify(settings));
    const tsc = `${root}node_modules/typescript/bin/tsc`;
    const { stdout } = await run(process.execPath, [tsc, "-p", folder], { cwd: root }).catch((error) => error);
    expect(stdout).toBe("");
  });

  pagesRun(pages.filter((page) => !isFirst(page)));
});
