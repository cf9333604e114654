import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle, EngineProcess, printedBy } from "./engine-process.ts";

const _root = fileURLToPath(new URL("../..", import.meta.url));
let engine: EngineProcess;
let clients: string;

beforeAll(() => {
  engine = new EngineProcess();
  clients = engine.clientsFolder();
});
afterAll(() => engine.close());

describe("every case", () => {
  test("every case returns on an engine what it returns here, under plain node, minified", () => {
    const file = join(clients, "minified.mjs");
    bundle("fixtures/print-cases.ts", file, { minify: true, packages: "external" });
    expect(engine.wrong(printedBy(file))).toEqual([]);
  });

  test("every case returns on an engine what it returns here, under plain node, minified together with its packages, except packages with state", () => {
    const file = join(clients, "whole.mjs");
    bundle("fixtures/print-cases.ts", file, { minify: true });
    const wrong = engine.wrong(printedBy(file));
    expect(wrong.filter((line) => !/package.*: CaptureError: fn → /.test(line))).toEqual([]);
  });
});
