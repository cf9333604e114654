import { afterAll, beforeAll, expect } from "vitest";
import { TestCluster } from "../e2e/a-cluster.ts";
import { type Ended, runFantail } from "./run-fantail.ts";

const { FANTAIL_CONNECTION } = process.env;

/**
 * A cluster of one engine for the tests of a file, and the commands that they run on it. The commands find it in this
 * process's environment, as a script of `fantail run` does.
 */
export class CommandCluster extends TestCluster {
  constructor() {
    super({ pools: [{ name: "default", count: 1 }], scheme: "lru", hwm: 1 });
    beforeAll(() => {
      process.env.FANTAIL_CONNECTION = JSON.stringify(this.cloud.connection);
    });
    afterAll(() => {
      if (FANTAIL_CONNECTION === undefined) delete process.env.FANTAIL_CONNECTION;
      else process.env.FANTAIL_CONNECTION = FANTAIL_CONNECTION;
    });
  }

  /** Runs a command. */
  run(...words: string[]): Promise<Ended> {
    return runFantail(words);
  }

  /** Runs a command that must succeed, and returns what it prints as JSON. */
  async json<T>(...words: string[]): Promise<T> {
    const { code, stdout, stderr } = await runFantail([...words, "-o", "json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout) as T;
  }
}
