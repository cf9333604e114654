import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { bundleProcess } from "../../client/local/processes/bundle-process.ts";

const CLI = [process.execPath, bundleProcess("client/commands/cli") ?? ""];
/** The same as in other tests, so that the stack is synthesized once. */
export const SMALL = ["-n", "1", "--scheme=lru", "--hwm=1"];
export const LONG_MS = 120_000;
const PATIENCE = { timeout: 60_000, interval: 50 };

/** Words of a shell that mount a file system on a folder, for the program after them alone. */
export const mounting = (folder: string, options: string) =>
  `M='mount -t tmpfs -o ${options} none ${folder};'; exec unshare -m sh -c "$M"' exec "$0" "$@"' "$0" "$@";`;

/** Whether tests may mount a file system: in longer runs, where the machine allows it. */
export const mayMount =
  process.env.FANTAIL_SIM_RUNS !== undefined &&
  spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

const { FANTAIL_HOME } = process.env;

/** The `fantail` command with a folder of its own for each test, and what it starts, which ends with the test. */
export class TestHome {
  readonly #owners: ChildProcess[] = [];
  #folder = "";

  constructor() {
    beforeEach(() => {
      this.#folder = mkdtempSync(join(tmpdir(), "fantail-home-"));
      process.env.FANTAIL_HOME = this.#folder;
    });
    afterEach(() => {
      for (const owner of this.#owners.splice(0)) owner.kill("SIGKILL");
      if (FANTAIL_HOME === undefined) delete process.env.FANTAIL_HOME;
      else process.env.FANTAIL_HOME = FANTAIL_HOME;
      rmSync(this.#folder, { recursive: true, force: true });
    });
  }

  get folder(): string {
    return this.#folder;
  }

  /** Runs `fantail start` in the foreground, after some shell code, and waits for its connection file. */
  async start(before: string, ...words: string[]): Promise<{ owner: ChildProcess; stderr: () => string }> {
    const owner = spawn("sh", ["-c", `${before} exec "$0" "$@"`, ...CLI, "start", ...SMALL, ...words], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#owners.push(owner);
    let stderr = "";
    owner.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const ended = once(owner, "close").then(() => {
      throw new Error(stderr);
    });
    ended.catch(() => {});
    const file = join(this.#folder, "default.json");
    const isThere = vi.waitFor(() => expect(existsSync(file)).toBe(true), PATIENCE);
    await Promise.race([isThere, ended]);
    return { owner, stderr: () => stderr };
  }

  fantail(...words: string[]): Promise<{ code: unknown; stderr: string }> {
    const [node = "", cli = ""] = CLI;
    return new Promise((resolve) => {
      execFile(node, [cli, ...words], (error, _, stderr) => resolve({ code: error?.code ?? 0, stderr }));
    });
  }
}
