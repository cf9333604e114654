import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EngineProcess } from "./engine-process.ts";
import { type ShippedCase, shipCases } from "./fixtures/ship-cases.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let engine: EngineProcess;
/** Folder into which clients are compiled. Like a project, it has packages. */
let clients: string;

beforeAll(() => {
  engine = new EngineProcess();
  clients = join(engine.folder, "clients");
  mkdirSync(clients);
  symlinkSync(join(root, "node_modules"), join(clients, "node_modules"));
  writeFileSync(join(clients, "package.json"), '{"type":"module"}');
});
afterAll(() => engine.close());

function printedBy(file: string, ...flags: string[]): ShippedCase[] {
  const printed = execFileSync(process.execPath, [...flags, file], { cwd: root, encoding: "utf8", maxBuffer: 1e8 });
  return JSON.parse(printed) as ShippedCase[];
}

describe("every case", () => {
  test("every case gives on an engine what it gives where it was written, under vitest", async () => {
    expect(engine.wrong(await shipCases())).toEqual([]);
  });

  test("every case gives on an engine what it gives where it was written, under tsx", () => {
    expect(engine.wrong(printedBy("test/shipping/fixtures/print-cases.ts", "--import", "tsx"))).toEqual([]);
  });

  test("every case gives on an engine what it gives where it was written, under plain node, compiled by tsc", () => {
    const config = join(clients, "tsconfig.json");
    const options = { outDir: clients, rootDir: root, noCheck: true, declaration: false, sourceMap: false };
    const files = [join(root, "test/shipping/fixtures/print-cases.ts")];
    writeFileSync(
      config,
      JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions: options, files, include: [] }),
    );
    execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", config], { cwd: root });
    expect(engine.wrong(printedBy(join(clients, "test/shipping/fixtures/print-cases.js")))).toEqual([]);
  });
});
