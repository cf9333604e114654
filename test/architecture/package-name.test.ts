import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Another package on npm has this name. Users who copy such a line would install or import that code. */
const SOMEBODY_ELSES = [
  /\b(?:from|import|require|resolve)\s*\(?\s*(["'`])fantail(?:\/[\w-]+)?\1/,
  /["'`]fantail\/(?:task|cdk|local|package\.json)["'`]/,
  /\bnpm (?:i|install|add|exec)\s(?:-\S+\s+)*fantail(?![\w-])/,
  /"name": "fantail"/,
];

it("all files import and install fantail-lambda, never the other package called fantail", () => {
  const files = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root })
    .toString()
    .split("\0")
    .filter((path) => /\.(?:ts|mts|js|mjs|cjs|json|md)$/.test(path) && !path.endsWith("package-name.test.ts"));
  expect(files).toContain("README.md");
  const found = files.flatMap((path) =>
    readIfThere(path)
      .split("\n")
      .flatMap((line, at) => (SOMEBODY_ELSES.some((form) => form.test(line)) ? [`${path}:${at + 1}: ${line}`] : [])),
  );
  expect(found).toEqual([]);
});

/** Reads a file; empty if it is deleted, since git lists a deleted file until the deletion is staged. */
function readIfThere(path: string): string {
  try {
    return readFileSync(`${root}${path}`, "utf8");
  } catch {
    return "";
  }
}
