import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bootstrapFile } from "../../client/local/lambda/unpack-code.ts";
import { gcArguments } from "../../client/local/processes/gc-arguments.ts";
import { runEmbedded } from "../runtime-client/embedded-run.ts";

test("garbage is collected in one thread on at most four cores", () => {
  expect([1, 2, 4, 5, 64].map((cores) => gcArguments(cores).length)).toEqual([1, 1, 1, 0, 0]);
});

test("the process of a function collects garbage as this machine's cores require", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "fantail-gc-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const code = "export const handler = () => process.execArgv;";
  const [outcome] = await runEmbedded({ code }, join(folder, "gc"), bootstrapFile(), false);
  expect(outcome).toMatchObject({
    status: "ok",
    payload: [...gcArguments(), expect.stringMatching(/^--max-old-space-size=/)],
  });
});
