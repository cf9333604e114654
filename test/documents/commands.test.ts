import { existsSync, readFileSync } from "node:fs";
import type { Command } from "commander";
import { expect, test } from "vitest";
import { blocks, documents, root } from "./document.ts";

const { scripts } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { scripts: Record<string, string> };

/** Words of the lines of `sh` blocks, without comments and variables. */
const commands = documents().flatMap((document) =>
  blocks(document)
    .filter(({ language }) => language === "sh")
    .flatMap(({ code, line }) =>
      code.split("\n").map((text, at) => ({
        where: `${document.path}:${line + at + 2}`,
        words: text
          .replace(/\s+#.*$/, "")
          .replace(/^(?:[A-Z_]+=\S+ )+/, "")
          .split(/\s+/)
          .filter(Boolean),
      })),
    )
    .filter(({ words }) => words.length > 0),
);

async function fault([program = "", first = "", ...rest]: readonly string[]): Promise<string | undefined> {
  if (program === "npm") {
    if (first === "install") return undefined;
    const script = first === "run" ? (rest[0] ?? "") : first;
    return script in scripts ? undefined : `no script ${script}`;
  }
  if (program === "npx" && first === "fantail") return commandFault(rest);
  if (program === "npx" && first === "vitest") {
    const gone = rest.filter((word) => word.includes("/") && !existsSync(root + word));
    return gone.length === 0 ? undefined : `no file ${gone.join(", ")}`;
  }
  if (program === "npx" && first === "tsx") return undefined;
  if (program === "node") {
    const isUsersOwn = !first.includes("/");
    const source = first.replace(/^dist\//, "").replace(/\.js$/, ".ts");
    return isUsersOwn || existsSync(root + source) ? undefined : `no file ${source}`;
  }
  return `unknown program ${program}: add it to this test`;
}

/** Returns what is wrong with the words after `fantail`. */
async function commandFault([name = "", ...rest]: readonly string[]): Promise<string | undefined> {
  const module: Record<string, () => Command> = await import(`../../client/commands/${name}-command.ts`).catch(
    () => ({}),
  );
  const command = module[`${name}Command`]?.();
  if (command === undefined) return `no command ${name}`;
  const known = command.options.flatMap(({ short, long }) => [short, long]);
  const unknown = rest.filter((word) => word.startsWith("-") && !known.includes(word));
  return unknown.length === 0 ? undefined : `no option ${unknown.join(", ")} of ${name}`;
}

test("the documents' commands and their options exist", async () => {
  expect(commands.length).toBeGreaterThan(20);
  const faults = await Promise.all(commands.map(async ({ where, words }) => ({ where, fault: await fault(words) })));
  expect(faults.filter(({ fault }) => fault !== undefined)).toEqual([]);
});

test("CONTRIBUTING lists every script that tests something", () => {
  const text = readFileSync(`${root}CONTRIBUTING.md`, "utf8");
  const tests = Object.keys(scripts).filter((name) => /^(?:test:|release:|bench$|check$|build$|docs$)/.test(name));
  expect(tests.filter((name) => !text.includes(`npm run ${name}`))).toEqual([]);
});
