import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { cacheFolder } from "../../client/local/folders/cache-folder.ts";
import { unpackPackages } from "../contract/container/debian-packages.ts";
import { runFantail } from "./run-fantail.ts";

type Env = NodeJS.ProcessEnv;
type Shell = { root: string; env: Env } | { missing: string };

/** Returns the folder of a shell from Debian's packages, unpacked, or why there is none. */
async function unpacked(name: string): Promise<Shell> {
  const folder = `${cacheFolder()}-shells`;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    const env = await unpackPackages([name], folder);
    return { root: join(folder, name), env };
  } catch (error) {
    const missing = `Debian's package ${name} cannot be had: ${error instanceof Error ? error.message : error}`;
    console.warn(`\nSKIPPED: completion in ${name}: ${missing}\n`);
    return { missing };
  }
}

/** Returns the folder in which a shell keeps its functions: the system's own if the shell is installed. */
const under = (root: string, path: string) => (existsSync(join(root, path)) ? join(root, path) : join("/", path));

async function scriptOf(shell: string): Promise<string> {
  const file = join(mkdtempSync(join(tmpdir(), "completion-")), `script.${shell}`);
  writeFileSync(file, (await runFantail(["completion", shell])).stdout);
  return file;
}

const fish = await unpacked("fish");

describe.skipIf("missing" in fish)("fish", () => {
  test("completes commands, their options, and values of which only some are allowed", async () => {
    if ("missing" in fish) return;
    const script = await scriptOf("fish");
    const functions = under(fish.root, "usr/share/fish/functions");
    const offered = (line: string) => {
      const ask = `set -p fish_function_path ${functions}; source ${script}; complete -C "${line}"`;
      const env = { ...fish.env, HOME: tmpdir() };
      const text = execFileSync("fish", ["--no-config", "-c", ask], { encoding: "utf8", env });
      return text.split("\n").flatMap((one) => (one === "" ? [] : [one.split("\t")[0]]));
    };
    expect(offered("fantail ta")).toEqual(["tasks"]);
    expect(offered("fantail tasks --wa")).toEqual(["--watch"]);
    expect(offered("fantail start --scheme lr")).toEqual(["lru"]);
    expect(offered("fantail jobs -o ")).toEqual(["json", "text"]);
    expect(offered("fantail completion z")).toEqual(["zsh"]);
    expect(offered("fantail result 01")).toEqual([]);
  });
});

const zsh = await unpacked("zsh");

describe.skipIf("missing" in zsh)("zsh", () => {
  test("reads the script, which offers nothing in the place of ids: a message would keep zsh from inserting options", async () => {
    if ("missing" in zsh) return;
    const script = await scriptOf("zsh");
    execFileSync("zsh", ["-n", script], { env: zsh.env });
    const text = readFileSync(script, "utf8");
    expect(text).toContain("'*:id:()'");
    expect(text).not.toMatch(/'\*:\w*: '/);
  });
});
