import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, describe, expect, test } from "vitest";
import { bundlePackages, Unbundlable } from "../../client/shipping/packages/bundle.ts";
import { shipFunction } from "../../client/shipping/ship-function.ts";

const project = mkdtempSync(join(tmpdir(), "fantail-packages-"));
afterAll(() => rmSync(project, { recursive: true }));

function aPackage(name: string, manifest: object, source: string): void {
  const folder = join(project, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, version: "1.2.3", ...manifest }));
  writeFileSync(join(folder, "index.js"), source);
}

function bundled(name: string) {
  return bundlePackages([{ from: name, name: "default", resolveDir: project }]);
}

describe("a package is sent along", () => {
  test("a package is sent with its dependencies, and listed with its version", () => {
    aPackage("inner", {}, "module.exports = 20;");
    aPackage("outer", {}, "module.exports = () => require('inner') + 1;");
    const { text, packages } = bundled("outer");
    const module: { exports: { p0?: () => number } } = { exports: {} };
    new Function("module", "exports", text)(module, module.exports);
    expect(module.exports.p0?.()).toBe(21);
    expect(packages).toEqual(["inner@1.2.3", "outer@1.2.3"]);
  });

  test("a package is sent although an optional dependency is not installed", () => {
    aPackage("careful", {}, "try { require('not-there') } catch {} module.exports = 1;");
    expect(bundled("careful").packages).toEqual(["careful@1.2.3"]);
  });
});

describe("a package is refused", () => {
  test.each<[string, object]>([
    ["built by node-gyp", { gypfile: true }],
    ["loading a binary by node-gyp-build", { dependencies: { "node-gyp-build": "4" } }],
    ["with a package for each platform", { optionalDependencies: { "@x/linux-x64": "1" } }],
  ])("a package with native code is refused: %s", (_, manifest) => {
    const name = `native-${Object.keys(manifest)[0]?.toLowerCase()}`;
    aPackage(name, manifest, "module.exports = 1;");
    expect(() => bundled(name)).toThrow(Unbundlable);
    expect(() => bundled(name)).toThrow(new RegExp(`${name} has native code`));
  });

  test("a package is refused when it is not found", () => {
    expect(() => bundled("absent")).toThrow(/Could not resolve "absent"/);
  });

  test("a package is refused with the path of the variable, and the remedy", () => {
    const build = () => buildSync({});
    expect(() => shipFunction(build)).toThrow(
      /^build → buildSync: comes from a package.*esbuild has native code.*requires/,
    );
  });
});
