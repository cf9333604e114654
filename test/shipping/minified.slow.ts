import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle, EngineProcess } from "./engine-process.ts";
import type { ShippedCase } from "./fixtures/ship-cases.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let engine: EngineProcess;
/** Where clients are bundled to: like a project, it has the packages. */
let clients: string;

beforeAll(() => {
  engine = new EngineProcess();
  clients = join(engine.folder, "clients");
  mkdirSync(clients);
  symlinkSync(join(root, "node_modules"), join(clients, "node_modules"));
  writeFileSync(join(clients, "package.json"), '{"type":"module"}');
});
afterAll(() => engine.close());

function printedBy(file: string): ShippedCase[] {
  const printed = execFileSync(process.execPath, [file], { cwd: root, encoding: "utf8", maxBuffer: 1e8 });
  return JSON.parse(printed) as ShippedCase[];
}

describe("every case", () => {
  test("every case gives on an engine what it gives where it was written, under plain node, minified", () => {
    const file = join(clients, "minified.mjs");
    bundle("fixtures/print-cases.ts", file, { minify: true, packages: "external" });
    expect(engine.wrong(printedBy(file))).toEqual([]);
  });

  test("every case gives on an engine what it gives where it was written, under plain node, minified with the packages in the same file, but for packages that keep state", () => {
    const file = join(clients, "whole.mjs");
    bundle("fixtures/print-cases.ts", file, { minify: true });
    const wrong = engine.wrong(printedBy(file));
    expect(wrong.filter((line) => !/package.*: CaptureError: fn → /.test(line))).toEqual([]);
  });
});
