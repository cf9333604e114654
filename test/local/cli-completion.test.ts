import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { runFantail } from "./run-fantail.ts";

const has = (shell: string) => spawnSync(shell, ["-c", "true"]).status === 0;
const script = async (shell: string) => (await runFantail(["completion", shell])).stdout;

describe.skipIf(!has("bash"))("bash", () => {
  /** What bash offers for the last of these words. */
  const offered = async (...words: string[]) => {
    const typed = `COMP_WORDS=(${words.map((word) => `"${word}"`).join(" ")}); COMP_CWORD=${words.length - 1}; _fantail`;
    const text = execFileSync("bash", ["-c", `${await script("bash")}\n${typed}; echo "\${COMPREPLY[@]}"`], {
      encoding: "utf8",
    });
    return text.trim().split(" ").filter(Boolean);
  };

  test("completes commands, their options, and values of which only some are allowed", async () => {
    expect(await offered("fantail", "ta")).toEqual(["tasks"]);
    expect(await offered("fantail", "tasks", "--wa")).toEqual(["--watch"]);
    expect(await offered("fantail", "start", "--scheme", "lr")).toEqual(["lru"]);
    expect(await offered("fantail", "jobs", "-o", "")).toEqual(["text", "json"]);
    expect(await offered("fantail", "completion", "z")).toEqual(["zsh"]);
    expect(await offered("fantail", "result", "01")).toEqual([]);
  });
});

test.each(["bash", "zsh", "fish"])("the script for %s names every command and is valid", async (shell) => {
  const text = await script(shell);
  const { stdout } = await runFantail(["--help"]);
  const names = [...stdout.slice(stdout.indexOf("Commands:")).matchAll(/^ {2}([a-z]+)/gm)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(15);
  expect(names.filter((name) => name !== "help" && !text.includes(name))).toEqual([]);
  if (has(shell)) expect(spawnSync(shell, ["-n"], { input: text }).stderr.toString()).toBe("");
});

test("an unknown shell is refused with the known ones", async () => {
  expect(await runFantail(["completion", "tcsh"])).toMatchObject({ code: 2, stderr: expect.stringContaining("fish") });
});
