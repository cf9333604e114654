import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleFunctions } from "../../client/local/code/bundle-functions.ts";
import { assetsOf } from "./assets-of.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fantail-bundle-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Returns the exports of a module as seen by a Node process outside the project, without node_modules. */
function exportsOf(module: string): string[] {
  // Exit explicitly: a warm engine has a worker, which would keep the process alive.
  const script = `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(pathToFileURL(module))})))); process.exit()`;
  const variables = {
    FANTAIL_TASK_TABLE: "tasks",
    FANTAIL_ENGINE_TABLE: "engines",
    FANTAIL_SCHEME: "leastload",
    FANTAIL_HWM: "adaptive",
    FANTAIL_CODE_SHIPPING: "on",
    FANTAIL_POOLS: JSON.stringify([{ name: "default", count: 4, memoryMb: 512, timeoutSeconds: 60, functions: ["e"] }]),
    FANTAIL_REPORT_FUNCTION: "report",
    FANTAIL_SWEEP_RULE: "sweep",
    FANTAIL_PASS_SECONDS: "60",
    FANTAIL_BLOB_BUCKET: "blobs",
    FANTAIL_POOL: "default",
    AWS_REGION: "eu-central-1",
    AWS_LAMBDA_FUNCTION_NAME: "bundled",
  };
  return JSON.parse(
    execFileSync(process.execPath, ["--input-type=module", "-e", script], {
      cwd: folder,
      env: variables,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
}

describe("the code assets", { timeout: 120_000 }, () => {
  it("the code assets contain everything they import, so they load without node_modules", () => {
    const { scheduler, engine } = assetsOf(folder, "plain");
    for (const [asset, name] of [
      [scheduler, "away-scheduler"],
      [engine, "away-engine"],
    ] as const)
      cpSync(asset, join(folder, name), { recursive: true });
    expect(exportsOf(join(folder, "away-scheduler/index.mjs"))).toEqual(
      expect.arrayContaining(["report", "scheduler"]),
    );
    expect(exportsOf(join(folder, "away-engine/index.mjs"))).toEqual(expect.arrayContaining(["engine"]));
    expect(readFileSync(join(folder, "away-engine/worker.mjs"), "utf8")).not.toMatch(/^import .* from "(?!node:)/m);
  });

  it("the code assets contain a user's own scheme, in the scheduler only", () => {
    mkdirSync(join(folder, "user"), { recursive: true });
    const entry = join(folder, "user/my-scheme.ts");
    writeFileSync(join(folder, "user/marker.ts"), 'export const marker: string = "a scheme of my own";\n');
    writeFileSync(
      entry,
      `import { marker } from "./marker.ts";
       export const choose = (loads: readonly number[]): number => loads.length - marker.length;\n`,
    );
    const plain = assetsOf(folder, "without");
    const own = assetsOf(folder, "with", { scheme: { entry, export: "choose" } });
    const source = (asset: string) => readFileSync(join(asset, "index.mjs"), "utf8");
    expect(source(own.scheduler)).toContain("a scheme of my own");
    expect(source(own.scheduler)).not.toContain("user-scheme");
    expect(source(plain.scheduler)).not.toContain("a scheme of my own");
    expect(exportsOf(join(own.scheduler, "index.mjs"))).toEqual(expect.arrayContaining(["report", "scheduler"]));
    expect(own.engine.replace("/with/", "/without/")).toBe(plain.engine);
  });

  it("a scheme that its module does not export is refused by name", () => {
    writeFileSync(join(folder, "empty.ts"), "export {};\n");
    expect(() =>
      assetsOf(folder, "unnamed", { scheme: { entry: join(folder, "empty.ts"), export: "choose" } }),
    ).toThrow(/"choose"/);
  });

  it("the code assets contain the user's functions with their imports in the engines, and their names in the scheduler", async () => {
    const functions = join(folder, "functions.ts");
    writeFileSync(join(folder, "shape.ts"), 'export const shape: string = "a shape of my own";\n');
    writeFileSync(
      functions,
      `import { UnmetDependency, depend } from "fantail-lambda";
       import { task } from "fantail-lambda/task";
       import { ulid } from "${fileURLToPath(import.meta.resolve("ulid"))}";
       import { shape } from "./shape.ts";
       export type Size = number;
       export function area(size: Size): string { return shape + size; }
       export const id = depend(() => true)(() => [task().id, ulid(), new UnmetDependency()]);
       export default area;\n`,
    );
    const own = assetsOf(folder, "functions", { functions, codeShipping: false });
    const module = join(own.engine, "functions.mjs");
    expect(exportsOf(module).sort()).toEqual(["area", "default", "id"]);
    const text = readFileSync(module, "utf8");
    expect(text).toContain("a shape of my own");
    expect(text).not.toMatch(/aws-sdk|LoadBalancedView/);
    expect(text).not.toContain(folder);
    expect(readFileSync(join(own.scheduler, "index.mjs"), "utf8")).toMatch(/\["area",\s*"id"\]/);
    expect(exportsOf(join(own.scheduler, "index.mjs"))).toEqual(expect.arrayContaining(["report", "scheduler"]));
    const switches = JSON.stringify(own.template).match(/"FANTAIL_CODE_SHIPPING":"\w+"/g);
    expect(switches).toEqual(Array.from({ length: 3 }, () => '"FANTAIL_CODE_SHIPPING":"off"'));
  });

  it("the code assets leave out packages that are installed beside the engines", () => {
    const functions = join(folder, "needy.ts");
    writeFileSync(functions, 'import sharp from "sharp";\nexport const resize = () => sharp();\n');
    expect(bundleFunctions(functions, ["sharp@^0.34"])).toMatchObject({
      names: ["resize"],
      text: expect.stringMatching(/from\s*"sharp"/),
    });
    expect(() => bundleFunctions(functions, [])).toThrow(/flag functions: .*Could not resolve "sharp"/s);
  });

  it("the code assets cannot be built from a module that is missing or exports no functions", () => {
    writeFileSync(join(folder, "types.ts"), "export type Size = number;\n");
    expect(() => bundleFunctions(join(folder, "types.ts"), [])).toThrow(/has no named exports/);
    writeFileSync(join(folder, "broken.ts"), "export const a = ;\n");
    expect(() => bundleFunctions(join(folder, "broken.ts"), [])).toThrow(/flag functions: .*Unexpected/s);
    expect(() => bundleFunctions("./nowhere.ts", [])).toThrow(/file not found: .*nowhere\.ts/);
  });
});
