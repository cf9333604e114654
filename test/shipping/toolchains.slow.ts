import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EngineProcess, printedBy } from "./engine-process.ts";
import { shipCases } from "./fixtures/ship-cases.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
let engine: EngineProcess;
let clients: string;

beforeAll(() => {
  engine = new EngineProcess();
  clients = engine.clientsFolder();
});
afterAll(() => engine.close());

describe("every case", () => {
  test("every case returns on an engine what it returns here, under vitest", async () => {
    expect(engine.wrong(await shipCases())).toEqual([]);
  });

  test("every case returns on an engine what it returns here, under tsx", () => {
    expect(engine.wrong(printedBy("test/shipping/fixtures/print-cases.ts", "--import", "tsx"))).toEqual([]);
  });

  test("every case returns on an engine what it returns here, under plain node, compiled by tsc", () => {
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
