import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FantailStack } from "../../cdk/fantail-stack.ts";
import { installModules, machineOf } from "../../client/local/code/install-modules.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fantail-install-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a package with one file to disk. Returns the path by which a pool names it. */
function aPackage(name: string, source: string, manifest: object = {}): string {
  const path = join(folder, "packages", name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "package.json"), JSON.stringify({ name, version: "1.0.0", ...manifest }));
  writeFileSync(join(path, "index.js"), source);
  return `file:${path}`;
}

describe("a pool's modules", { timeout: 120_000 }, () => {
  it("a pool's modules are installed with their dependencies, as copies, and without a trace of their origin", () => {
    const target = mkdtempSync(join(folder, "code-"));
    const inner = aPackage("inner", "module.exports = 20;");
    const outer = aPackage("outer", "module.exports = require('inner') + 1;", { dependencies: { inner } });
    installModules([outer], machineOf("arm64"), target);
    expect(readdirSync(join(target, "node_modules")).sort()).toEqual(["inner", "outer"]);
    rmSync(join(folder, "packages"), { recursive: true });
    expect(readFileSync(join(target, "node_modules", "outer", "index.js"), "utf8")).toMatch(/inner/);
  });

  it("install scripts of a pool's modules do not run", () => {
    const target = mkdtempSync(join(folder, "code-"));
    const trace = join(folder, "trace");
    const scripts = { preinstall: `touch ${trace}`, postinstall: `touch ${trace}`, prepare: `touch ${trace}` };
    installModules([aPackage("eager", "", { scripts })], machineOf("arm64"), target);
    expect(existsSync(trace)).toBe(false);
  });

  it("modules that cannot be installed are refused with npm's message", () => {
    const nowhere = `file:${join(folder, "nowhere")}`;
    expect(() => installModules([nowhere], machineOf("arm64"), folder)).toThrow(/flag modules: .*nowhere.*npm error/s);
  });

  it("a pool's modules are installed for Lambda's platform unless the functions run elsewhere", () => {
    expect(machineOf("arm64")).toEqual({ os: "linux", cpu: "arm64", libc: "glibc" });
    expect(machineOf("x86_64")).toEqual({ os: "linux", cpu: "x64", libc: "glibc" });
  });

  it("a pool's modules are only in the code of that pool's functions", () => {
    const outdir = join(folder, "out");
    const app = new App({ analyticsReporting: false, builtinCloudFormationValidation: false, outdir });
    const modules = [aPackage("beside", "module.exports = 1;")];
    const engines = [
      { name: "plain", count: 1 },
      { name: "rich", count: 1, modules },
    ];
    new FantailStack(app, "Fantail", { fantail: { engines } });
    app.synth();
    const assets = readdirSync(outdir).filter((name) => existsSync(join(outdir, name, "worker.mjs")));
    const holding = assets.filter((name) => existsSync(join(outdir, name, "node_modules", "beside", "index.js")));
    expect([assets.length, holding.length]).toEqual([2, 1]);
  });
});
