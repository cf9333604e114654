import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { CompositeError, RemoteError } from "../../client/index.ts";
import { TestCluster } from "./a-cluster.ts";

const cluster = new TestCluster();
const view = () => cluster.client.loadBalancedView();
const HERE = fileURLToPath(import.meta.url);
const SOURCE = readFileSync(HERE, "utf8").split("\n");

/** Returns `file:line` of the first line that contains this text. */
function lineOf(text: string): string {
  return `${HERE}:${SOURCE.findIndex((line) => line.includes(text)) + 1}:`;
}

function failure(result: PromiseLike<unknown>): Promise<Error> {
  return Promise.resolve(result).then(
    () => Promise.reject(new Error("it succeeded")),
    (error: Error) => error,
  );
}

const half = (x: number): number => {
  if (x % 2 === 1) throw new RangeError(`${x} is odd`);
  return x / 2;
};

describe("the stack of a task's error", () => {
  test("the stack of a task's error begins in the user's file, continues where the task was submitted, and names none of fantail's files", async () => {
    const error = (await failure(view().apply(half, 1))) as RemoteError;
    const [first, thrown, ...rest] = (error.stack ?? "").split("\n");
    expect(first).toMatch(/^RemoteError: RangeError: 1 is odd \(task .*, engine \d\)$/);
    expect(thrown).toContain(lineOf("new RangeError("));
    expect(rest[0]).toBe("  submitted at");
    expect(rest[1]).toContain(lineOf("view().apply(half, 1)"));
    expect(error.stack).not.toMatch(/\/(client|lambdas)\/|fantail:|node:internal/);
  });

  test("the stack of a task's error includes its causes, each with its own place", async () => {
    const wrap = (x: number) => {
      try {
        return half(x);
      } catch (cause) {
        throw new Error("cannot halve", { cause });
      }
    };
    const error = await failure(view().apply(wrap, 3));
    expect(error.stack?.split("\n")[1]).toContain(lineOf('new Error("cannot halve"'));
    expect((error.cause as Error).stack?.split("\n")[1]).toContain(lineOf("new RangeError("));
    expect(inspect(error)).toMatch(
      /cannot halve[\s\S]*submitted at[\s\S]*taskId[\s\S]*\[cause\]: RangeError: 3 is odd/,
    );
  });

  test("the stack of an item's error in a chunked map is the item's", async () => {
    const chunks = view().withFlags({ chunkSize: 3 });
    const error = (await failure(chunks.map(half, [2, 4, 5, 6]))) as CompositeError;
    expect(error.indexes).toEqual([2]);
    expect(error.errors[0]?.stack?.split("\n")[1]).toContain(lineOf("new RangeError("));
    expect(error.errors[0]?.stack).toContain(lineOf("chunks.map(half"));
  });
});

describe("the failures of a map", () => {
  test("equal failures of a map are reported in one sentence", async () => {
    const error = await failure(view().map(half, [2, 4, 5, 6]));
    expect(error.message).toBe("1 of 4 items failed: [2] RangeError: 5 is odd");
    expect(error.stack).toContain(lineOf("new RangeError("));
  });

  test("the failures of a map take at most a dozen lines, with equal ones together", async () => {
    const odd = Array.from({ length: 40 }, (_, at) => 2 * (at >> 1) + 1);
    const error = await failure(view().map(half, odd));
    expect(error.message.split("\n")).toEqual([
      "40 of 40 items failed:",
      "  [0-1] RangeError: 1 is odd",
      "  [2-3] RangeError: 3 is odd",
      "  [4-5] RangeError: 5 is odd",
      "  … and 34 more",
    ]);
    expect(inspect(error).split("\n").length).toBeLessThanOrEqual(12);
  });
});

describe("another process", () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "fantail-errors-")));
  const library = pathToFileURL(join(process.cwd(), "dist/client/index.js")).href;
  const script = (name: string, body: string) => {
    const file = join(folder, name);
    writeFileSync(file, `import { Client } from ${JSON.stringify(library)};\n${body}`);
    return file;
  };
  const open = () => `const client = await Client.connect({ urlFile: ${JSON.stringify(cluster.cloud.urlFile)} });`;

  test("another process that reads a failed result gets the file and line of the submitting process", async () => {
    const body = [
      open(),
      "const result = client.loadBalancedView().apply(() => {",
      '  throw new Error("far away");',
      "});",
      "await result.wait();",
      "console.log(result.jobId);",
      "await client.close();",
    ];
    const file = script("submits.mjs", body.join("\n"));
    const id = execFileSync(process.execPath, [file], { encoding: "utf8" }).trim();
    const error = await failure(cluster.client.getResult(id));
    expect(error.stack?.split("\n").slice(1)).toEqual([expect.stringContaining(`${file}:4:9`)]);
  });

  test("a process that catches nothing prints a few lines that lead to the user's code", () => {
    const body = [
      open(),
      "const odd = (x) => {",
      '  throw new RangeError("item " + x);',
      "};",
      "await client.loadBalancedView().map(odd, Array.from({ length: 40 }, (_, at) => at));",
    ];
    const file = script("uncaught.mjs", body.join("\n"));
    const { stderr, status } = spawnSync(process.execPath, ["--no-warnings", file], {
      encoding: "utf8",
      timeout: 30_000,
    });
    expect(status).toBe(1);
    expect(stderr).toContain("CompositeError: 40 of 40 items failed:\n  [0] RangeError: item 0\n");
    expect(stderr).toContain(`${file}:4:9`);
    expect(stderr).toContain(`${file}:6:`);
    expect(stderr).not.toMatch(/dist\/(bundle|client|lambdas)/);
    expect(stderr.trim().split("\n").length).toBeLessThanOrEqual(20);
  });
});

describe("a file that a task does not find", () => {
  test("the error for a missing file with a relative path says that the path is the engine's", async () => {
    const error = await failure(view().apply(() => require("node:fs").readFileSync("data/rows.csv", "utf8")));
    expect(error.message).toMatch(
      /ENOENT[\s\S]*relative path is looked up in the engine's own folder[\s\S]*pass its content/,
    );
  });

  test("the error for a file that exists nowhere has no advice", async () => {
    const error = await failure(view().apply(() => require("node:fs").readFileSync("/nowhere/at/all", "utf8")));
    expect(error.message).toMatch(/ENOENT[^\n]*$/);
  });
});
