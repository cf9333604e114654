import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aFolder, asJavaScript, firstExample, Installation, nodeOf, packed } from "./an-installation.ts";

/** The package as published, on each version of Node that it supports. */

const PRINTS = "168 primes below 1000";
const MINUTES_MS = 600_000;
/** Maximum size of an installed client, in megabytes and packages. */
const MOST = { megabytes: 46, packages: 16 };

const { folder, remove } = aFolder();
let tarball: string;
beforeAll(async () => {
  tarball = await packed(folder);
}, MINUTES_MS);
afterAll(remove, MINUTES_MS);

// The oldest version that the manifest allows, and the latest of each line.
describe.each(["20.19.0", "20", "22", "24"])("on Node %s", { timeout: MINUTES_MS }, (version) => {
  let project: Installation | undefined;
  let missing = "";
  let exact = "";
  beforeAll(async () => {
    const found = await nodeOf(version, folder).catch((error: { stderr?: string }) => {
      missing = `Node ${version} cannot be had from npm: ${error.stderr?.split("\n")[0] ?? error}`;
      console.log(missing);
    });
    if (!found) return;
    project = new Installation(folder, found);
    exact = await project.node("--version");
    await project.install(tarball);
    const { packages, megabytes } = project.size();
    console.log(`Node ${exact}: a client is ${packages} packages, ${megabytes} MB`);
    expect(packages).toBeLessThanOrEqual(MOST.packages);
    expect(megabytes).toBeLessThanOrEqual(MOST.megabytes);
    await project.install("tsx", "esbuild");
  }, MINUTES_MS);

  /** Returns the project, or skips the test if this version of Node is unavailable. */
  const has = (skip: (why: string) => never) => project ?? skip(missing);

  it("the package runs the first example as an ES module", async ({ skip }) => {
    const at = has(skip);
    at.write("first.mjs", asJavaScript(firstExample()));
    expect(await at.node("first.mjs")).toBe(PRINTS);
  });

  it("the package runs the first example as TypeScript with tsx", async ({ skip }) => {
    const at = has(skip);
    at.write("package.json", JSON.stringify({ ...JSON.parse(at.read("package.json")), type: "module" }));
    at.write("first.ts", firstExample());
    expect(await at.node("node_modules/tsx/dist/cli.mjs", "first.ts")).toBe(PRINTS);
  });

  it("the package runs the first example as TypeScript in Node itself, from Node 22.18 on", async ({ skip }) => {
    const at = has(skip);
    const [major = 0, minor = 0] = exact.slice(1).split(".").map(Number);
    at.write("first.mts", firstExample());
    const runs = at.node("first.mts");
    if (major > 22 || (major === 22 && minor >= 18)) expect(await runs).toBe(PRINTS);
    else await expect(runs).rejects.toThrow(/ERR_UNKNOWN_FILE_EXTENSION/);
  });

  it("the package runs the first example as CommonJS", async ({ skip }) => {
    const at = has(skip);
    const [, ...statements] = asJavaScript(firstExample()).split("\n");
    const body = statements.join("\n");
    at.write("first.cjs", `const { Client } = require("fantail-lambda");\n(async () => {\n${body}\n})();\n`);
    expect(await at.node("first.cjs")).toBe(PRINTS);
  });

  it("the package runs the first example bundled by esbuild, with the package external", async ({ skip }) => {
    const at = has(skip);
    at.write("first.ts", firstExample());
    buildSync({
      entryPoints: [join(at.folder, "first.ts")],
      outfile: join(at.folder, "bundled.mjs"),
      bundle: true,
      platform: "node",
      format: "esm",
      packages: "external",
      logLevel: "silent",
    });
    expect(await at.node("bundled.mjs")).toBe(PRINTS);
  });
});
