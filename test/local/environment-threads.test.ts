import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { bootstrapFile } from "../../client/local/lambda/unpack-code.ts";
import { YOUNG_MB } from "../../client/local/processes/young-generation.ts";
import { runEmbedded } from "../runtime-client/embedded-run.ts";
import { comparesThreads, THREAD_CASES } from "./ends-in-a-thread.ts";

/** The quick kinds of end. `environment-threads.slow.ts` has all functions. */
const KINDS = [
  "returns its event",
  "throws an error with a cause and fields",
  "keeps its environment",
  "is in a module that does not parse",
  "exits",
  "rejects where nobody catches",
];

describe("a function ends in a thread as in a process, when it", { timeout: 60_000 }, () => {
  const cases = Object.fromEntries(Object.entries(THREAD_CASES).filter(([name]) => KINDS.includes(name)));
  comparesThreads(cases);

  it("each of the kinds is one of the functions", () => expect(Object.keys(cases)).toHaveLength(KINDS.length));
});

it("a thread has a small young generation, because an idle thread keeps its memory", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "fantail-threads-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const code =
    'import { resourceLimits } from "node:worker_threads"; export const handler = () => resourceLimits.maxYoungGenerationSizeMb;';
  const [outcome] = await runEmbedded({ code }, join(folder, "young"), bootstrapFile(), true);
  expect(outcome).toMatchObject({ status: "ok", payload: YOUNG_MB });
});
