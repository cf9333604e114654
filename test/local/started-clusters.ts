import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach } from "vitest";
import { CLI } from "./run-fantail.ts";

/** The same for all tests, so that the stack is synthesized once. */
export const SMALL = ["-n", "1", "--scheme=lru", "--hwm=1"];
/** Each test starts Node many times, and a cluster or two. */
export const LONG_MS = 120_000;

/**
 * The clusters that the tests of a file start by `fantail start`. Each test has a folder of profiles of its own, and what
 * it leaves running is killed at the end.
 */
export class StartedClusters {
  /** The process ids of the clusters. */
  readonly owners: number[] = [];
  home = "";

  constructor() {
    beforeEach(() => {
      this.home = mkdtempSync(join(tmpdir(), "fantail-home-"));
      process.env.FANTAIL_HOME = this.home;
    });
    afterAll(() => {
      for (const pid of this.owners)
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // The test has ended it.
        }
    });
  }

  /** The connection file of a profile. */
  fileOf(profile: string): string {
    return join(this.home, `${profile}.json`);
  }

  /** Runs `fantail start` in the foreground, and waits until it prints how to connect. */
  async startInForeground(...words: string[]): Promise<{ owner: ChildProcess; said: string }> {
    const owner = spawn(process.execPath, [CLI, "start", ...SMALL, ...words], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.owners.push(owner.pid ?? 0);
    const [said] = await once(owner.stdout?.setEncoding("utf8") ?? owner, "data");
    return { owner, said: String(said) };
  }
}
