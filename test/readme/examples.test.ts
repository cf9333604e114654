import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** Inside the package, so that `import "fantail-lambda"` finds the built package as a user's would. */
const folder = `${root}dist/.readme`;
const readme = readFileSync(`${root}README.md`, "utf8");
const all = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = ""]) => code);
/** A block that begins with a file's name is a file that other examples use. */
const fileOf = (code: string) => /^\/\/ ([\w-]+\.ts)\n/.exec(code)?.[1];
const blocks = all.filter((code) => fileOf(code) === undefined);

/** What an example says that it prints: the comments after its `console.log` lines. */
function promised(code: string): string[] {
  return [...code.matchAll(/console\.log\(.*\);? \/\/ prints: (.*)$/gm)].map(([, text = ""]) => text.trim());
}

beforeAll(() => {
  mkdirSync(folder, { recursive: true });
  for (const code of all) {
    const name = fileOf(code);
    if (name !== undefined) writeFileSync(`${folder}/${name}`, code);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the README's examples", () => {
  test("there are some, and they promise what they print", () => {
    expect(blocks.length).toBeGreaterThanOrEqual(3);
    expect(blocks.flatMap(promised).length).toBeGreaterThanOrEqual(2);
  });

  test.each(blocks.map((code, at) => ({ at: at + 1, code })))(
    "example $at runs and prints what it says",
    async ({ at, code }) => {
      const file = `${folder}/example-${at}.ts`;
      writeFileSync(file, code);
      const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", file], { cwd: root });
      for (const text of promised(code)) expect(stdout).toContain(text);
    },
  );
});
