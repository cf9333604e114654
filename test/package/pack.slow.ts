import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { asJavaScript, firstExample } from "./an-installation.ts";
import { root, run, UnpackedPackage } from "./an-unpacked-package.ts";

const Manifest = v.looseObject({ devDependencies: v.record(v.string(), v.string()) });

const Hashes = v.array(v.looseObject({ alg: v.string() }));
const Bill = v.looseObject({
  bomFormat: v.string(),
  components: v.array(v.looseObject({ name: v.string(), hashes: v.optional(Hashes) })),
});

const unpacked = new UnpackedPackage();

describe("the package", { timeout: 120_000 }, () => {
  it("the package contains the built cdk, client and lambdas with types and bundles, the embedded cloud's stack, and nothing else", () => {
    const strays = unpacked.files.filter(
      (path) =>
        !/^dist\/(?:cdk|client|lambdas)\/.*\.(?:js|d\.ts)$/.test(path) &&
        !/^dist\/bundle\/(?:[\w-]+\.js|PACKAGES\.txt)$/.test(path) &&
        !/^dist\/stack\/(?:stack\.json|asset\.[0-9a-f]{64}\/(?:index\.mjs|worker\.mjs|view\.cjs))$/.test(path) &&
        !/^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(path),
    );
    expect(strays).toEqual([]);
    const modules = unpacked.files.filter((path) => path.endsWith(".js") && !path.startsWith("dist/bundle/"));
    const untyped = modules.filter((path) => !unpacked.files.includes(path.replace(/\.js$/, ".d.ts")));
    expect(untyped).toEqual([]);
    expect(unpacked.files).toContain("dist/lambdas/scheduler/handler.js");
    expect(unpacked.files.filter((path) => path.startsWith("dist/stack/"))).toHaveLength(5);
  });

  it("the package's manifest has no settings of the checkout, and version ranges that projects can share", () => {
    const manifest: unknown = JSON.parse(
      readFileSync(join(unpacked.project, "node_modules/fantail-lambda/package.json"), "utf8"),
    );
    for (const field of ["scripts", "devDependencies", "allowScripts", "overrides"])
      expect(manifest).not.toHaveProperty(field);
    expect(manifest).toMatchObject({
      license: "MIT",
      author: "the fantail contributors",
      engines: { node: ">=20.19" },
      publishConfig: { access: "public" },
    });
    const { dependencies } = manifest as { dependencies: Record<string, string> };
    // All other packages are in the bundles: decision 053.
    expect(Object.keys(dependencies)).toEqual(["classic-level", "esbuild", "valibot"]);
    for (const range of Object.values(dependencies)) expect(range).toMatch(/^\^\d+\.\d+\.\d+$/);
  });

  it("the package can be packed after an interrupted pack, and its manifest stays the same", async () => {
    const { checkout } = unpacked;
    const before = readFileSync(join(root, "package.json"), "utf8");
    await run(process.execPath, [".scripts/published-manifest.mjs"], { cwd: checkout });
    expect(JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"))).not.toHaveProperty("scripts");
    await run(process.execPath, [".scripts/published-manifest.mjs", "--restore"], { cwd: checkout });
    expect(readFileSync(join(checkout, "package.json"), "utf8")).toBe(before);
  });

  it("a release has a bill of materials with every bundled and required package, and their hashes", async () => {
    await run(process.execPath, [".scripts/sbom.mjs"], { cwd: root });
    const { bomFormat, components } = v.parse(Bill, JSON.parse(readFileSync(join(root, "dist/sbom.cdx.json"), "utf8")));
    expect(bomFormat).toBe("CycloneDX");
    const hashed = components.filter(({ hashes }) => hashes?.some(({ alg }) => alg === "SHA-512"));
    const bundled = ["classic-level", "commander", "devalue", "dynalite", "esbuild", "valibot"];
    expect(hashed.map(({ name }) => name)).toEqual(expect.arrayContaining(bundled));
    expect(unpacked.files.filter((path) => path.includes("sbom"))).toEqual([]);
  });

  it("the package runs the README's first example", async () => {
    const example = firstExample();
    expect(example).toContain("Client.local");
    expect(await unpacked.printed(asJavaScript(example))).toBe("168 primes below 1000");
  });

  it.each([
    ["fantail-lambda", ["Client", "CompositeError", "RemoteError", "explain"]],
    ["fantail-lambda/task", ["task"]],
    ["fantail-lambda/local", []],
  ])("%s loads with only the package and its dependencies installed", async (entry, exports) => {
    const names = await unpacked.printed(
      `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(entry)}))));`,
    );
    expect(JSON.parse(names)).toEqual(expect.arrayContaining(exports));
  });

  it("the package's bin prints its usage", async () => {
    const { stdout } = await run(join(unpacked.project, "node_modules/.bin/fantail"), ["--help"], {
      cwd: unpacked.project,
    });
    expect(stdout).toMatch(/start/);
  });

  it("the package names the CDK versions to install if one is needed, the same as in this checkout", async () => {
    const manifest = v.parse(Manifest, JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
    const known = ["aws-cdk", "aws-cdk-lib", "constructs"].map((name) => `${name}@${manifest.devDependencies[name]}`);
    const deploy = () =>
      run(join(unpacked.project, "node_modules/.bin/fantail"), ["deploy", "--yes"], { cwd: unpacked.project });
    await expect(deploy()).rejects.toMatchObject({
      code: 13,
      stderr: expect.stringContaining(`npm install --save-dev ${known.join(" ")}\``),
    });
    const cdk = join(unpacked.project, "node_modules/aws-cdk");
    mkdirSync(cdk);
    writeFileSync(join(cdk, "package.json"), '{ "name": "aws-cdk", "version": "2.1148.1", "bin": "cdk.cjs" }');
    await expect(deploy()).rejects.toMatchObject({
      code: 13,
      stderr: expect.stringContaining(`npm install --save-dev ${known.slice(1).join(" ")}\``),
    });
    await expect(unpacked.printed('await import("fantail-lambda/cdk")')).rejects.toThrow(/package 'aws-cdk-lib'/);
  });
});
