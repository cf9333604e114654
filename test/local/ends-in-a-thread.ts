import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bootstrapFile } from "../../client/local/lambda/unpack-code.ts";
import { runEmbedded } from "../runtime-client/embedded-run.ts";
import { FUNCTION_CASES, type FunctionCase } from "../runtime-client/function-cases.ts";

/** A thread cannot be killed like a process. */
const { "is killed": _, ...CASES } = FUNCTION_CASES;
/** Fills a heap that is too small for 256 MB. */
const FILLS: FunctionCase = {
  code: "export const handler = () => { const all = []; for (;;) all.push(Array(1e5).fill(all.length)); };",
};

/** The functions whose ends in a thread and in a process are compared, by what they do. */
export const THREAD_CASES: Readonly<Record<string, FunctionCase>> = { ...CASES, "fills its heap": FILLS };

/** Registers a test for each of the functions: a thread and a process report the same. */
export function comparesThreads(cases: Readonly<Record<string, FunctionCase>>): void {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "fantail-threads-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  let count = 0;
  it.each(Object.entries(cases))("a thread and a process report the same for a function that %s", async (_, tried) => {
    const place = join(folder, `function-${++count}`);
    const [thread, process] = [
      await runEmbedded(tried, join(place, "thread"), bootstrapFile(), true),
      await runEmbedded(tried, join(place, "process"), bootstrapFile()),
    ];
    const replaced = JSON.stringify(thread).replaceAll(join(place, "thread"), join(place, "process"));
    expect(JSON.parse(replaced)).toEqual(JSON.parse(JSON.stringify(process)));
  });
}
