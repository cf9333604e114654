import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { anAwsService } from "../engine/an-aws-service.ts";
import { asJavaScript, firstExample } from "./an-installation.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

const Published = v.looseObject({ dependencies: v.record(v.string(), v.string()) });
const Manifest = v.looseObject({ devDependencies: v.record(v.string(), v.string()) });

/** CloudFormation's answer about an unknown stack. */
const NO_STACK =
  "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id Mine does not exist</Message></Error></ErrorResponse>";

let folder: string;
let project: string;
let packed: string[];
let tarball: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "fantail-package-"));
  project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "name": "a-users-project", "type": "module" }\n');
  await run(process.execPath, [".scripts/ready.mjs"], { cwd: root });
  // Use a copy: npm's scripts would rebuild and change the manifest while other tests run from this checkout.
  const checkout = join(folder, "checkout");
  for (const name of ["dist", ".scripts", "package.json", "README.md", "LICENSE", "CHANGELOG.md"])
    cpSync(join(root, name), join(checkout, name), { recursive: true });
  await run(process.execPath, [".scripts/published-manifest.mjs"], { cwd: checkout });
  const { stdout } = await run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], {
    cwd: checkout,
    maxBuffer: 1 << 26,
  });
  const output: unknown = JSON.parse(stdout);
  // npm reports packages as a list; newer versions, by name.
  const [made] = Object.values(output as Record<string, { filename: string; files: { path: string }[] }>);
  packed = made?.files.map(({ path }) => path) ?? [];
  tarball = join(folder, made?.filename ?? "");
  await unpackInto(project);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Unpacks the package as npm does, with only its declared dependencies beside it, so that undeclared imports fail. `npm
 * run release:check` installs it with npm.
 */
async function unpackInto(folder: string): Promise<void> {
  const modules = join(folder, "node_modules");
  const place = join(modules, "fantail-lambda");
  mkdirSync(place, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", place, "--strip-components=1"]);
  const { dependencies } = v.parse(Published, JSON.parse(readFileSync(join(place, "package.json"), "utf8")));
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  mkdirSync(join(modules, ".bin"));
  symlinkSync("../fantail-lambda/dist/client/commands/cli.js", join(modules, ".bin/fantail"));
}

/** Runs a script in the user's project and returns its output. */
async function printed(script: string): Promise<string> {
  writeFileSync(join(project, "script.mjs"), script);
  const { stdout } = await run(process.execPath, ["script.mjs"], { cwd: project });
  return stdout.trim();
}

describe("the package", { timeout: 120_000 }, () => {
  it("the package is found right by publint, and its types by every way to resolve them", async () => {
    const lint = join(root, "node_modules/.bin");
    await run(join(lint, "publint"), ["run", "--strict", tarball], { cwd: folder });
    // Only ES modules, and no entry points for Node 10's resolution.
    await run(join(lint, "attw"), ["--profile", "esm-only", "--no-definitely-typed", "--no-emoji", tarball], {
      cwd: folder,
    });
  });

  it("the package holds the built cdk, client and lambdas with their types, their bundles, the stack of the embedded cloud, and nothing else", () => {
    const strays = packed.filter(
      (path) =>
        !/^dist\/(?:cdk|client|lambdas)\/.*\.(?:js|d\.ts)$/.test(path) &&
        !/^dist\/bundle\/(?:[\w-]+\.js|PACKAGES\.txt)$/.test(path) &&
        !/^dist\/stack\/(?:stack\.json|asset\.[0-9a-f]{64}\/(?:index\.mjs|worker\.mjs|view\.cjs))$/.test(path) &&
        !/^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(path),
    );
    expect(strays).toEqual([]);
    const modules = packed.filter((path) => path.endsWith(".js") && !path.startsWith("dist/bundle/"));
    const untyped = modules.filter((path) => !packed.includes(path.replace(/\.js$/, ".d.ts")));
    expect(untyped).toEqual([]);
    expect(packed).toContain("dist/lambdas/scheduler/handler.js");
    expect(packed.filter((path) => path.startsWith("dist/stack/"))).toHaveLength(5);
  });

  it("the package has a manifest without anything of the checkout's, in ranges that a project can share", () => {
    const manifest: unknown = JSON.parse(
      readFileSync(join(project, "node_modules/fantail-lambda/package.json"), "utf8"),
    );
    for (const field of ["scripts", "devDependencies", "allowScripts"]) expect(manifest).not.toHaveProperty(field);
    expect(manifest).toMatchObject({
      license: "MIT",
      author: "the fantail contributors",
      engines: { node: ">=20.19" },
      publishConfig: { access: "public" },
    });
    const { dependencies } = manifest as { dependencies: Record<string, string> };
    for (const range of Object.values(dependencies)) expect(range).toMatch(/^\^\d+\.\d+\.\d+$/);
  });

  it("the package can be packed after an interrupted pack, and its manifest stays the same", async () => {
    const checkout = join(folder, "checkout");
    const before = readFileSync(join(root, "package.json"), "utf8");
    await run(process.execPath, [".scripts/published-manifest.mjs"], { cwd: checkout });
    expect(JSON.parse(readFileSync(join(checkout, "package.json"), "utf8"))).not.toHaveProperty("scripts");
    await run(process.execPath, [".scripts/published-manifest.mjs", "--restore"], { cwd: checkout });
    expect(readFileSync(join(checkout, "package.json"), "utf8")).toBe(before);
  });

  it("the package runs the README's first example", async () => {
    const example = firstExample();
    expect(example).toContain("Client.local");
    expect(await printed(asJavaScript(example))).toBe("168 primes below 1000");
  });

  it.each([
    ["fantail-lambda", ["Client", "CompositeError", "RemoteError", "explain"]],
    ["fantail-lambda/task", ["task"]],
    ["fantail-lambda/local", []],
  ])("%s loads where nothing is installed but the package and what it names", async (entry, exports) => {
    const names = await printed(`console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(entry)}))));`);
    expect(JSON.parse(names)).toEqual(expect.arrayContaining(exports));
  });

  it("the package's bin prints its usage", async () => {
    const { stdout } = await run(join(project, "node_modules/.bin/fantail"), ["--help"], { cwd: project });
    expect(stdout).toMatch(/start/);
  });

  it("the package names the CDK versions to install if one is needed, the same as in this checkout", async () => {
    const manifest = v.parse(Manifest, JSON.parse(readFileSync(join(root, "package.json"), "utf8")));
    const known = ["aws-cdk", "aws-cdk-lib", "constructs"].map((name) => `${name}@${manifest.devDependencies[name]}`);
    const deploy = () => run(join(project, "node_modules/.bin/fantail"), ["deploy", "--yes"], { cwd: project });
    await expect(deploy()).rejects.toMatchObject({
      code: 13,
      stderr: expect.stringContaining(`npm install --save-dev ${known.join(" ")}\``),
    });
    const cdk = join(project, "node_modules/aws-cdk");
    mkdirSync(cdk);
    writeFileSync(join(cdk, "package.json"), '{ "name": "aws-cdk", "version": "2.1148.1", "bin": "cdk.cjs" }');
    await expect(deploy()).rejects.toMatchObject({
      code: 13,
      stderr: expect.stringContaining(`npm install --save-dev ${known.slice(1).join(" ")}\``),
    });
    await expect(printed('await import("fantail-lambda/cdk")')).rejects.toThrow(/package 'aws-cdk-lib'/);
  });

  it("the package exports the construct if the user has a CDK", async () => {
    for (const name of ["aws-cdk-lib", "constructs"])
      symlinkSync(join(root, "node_modules", name), join(project, "node_modules", name));
    const names = await printed('console.log(Object.keys(await import("fantail-lambda/cdk")).join(" "))');
    expect(names).toBe("Fantail FantailStack InvalidFlag");
  });

  it("the package deploys from its built files by a CDK of the user's", { timeout: 240_000 }, async () => {
    const bin = join(project, "node_modules/.bin/fantail");
    const cdk = join(project, "node_modules/aws-cdk");
    // Records its arguments and fails, so that nothing looks for the stack afterwards.
    const keep = 'const { cpSync } = require("node:fs"); const at = process.argv.indexOf("--app") + 1;';
    writeFileSync(
      join(cdk, "cdk.cjs"),
      `${keep} cpSync(process.argv[at], "${project}/kept", { recursive: true }); process.exit(9);`,
    );
    const { endpoint, region } = await anAwsService(() => ({ status: 400, body: NO_STACK }));
    // options.test.ts validates the template of the same props.
    const validation = { CDK_VALIDATION: "false" };
    const env = { ...process.env, ...validation, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
    const place = ["--stack", "Mine", "--region", region, "--endpoint", endpoint];
    const { stderr } = await run(bin, ["deploy", "--yes", ...place], { cwd: project, env }).catch((error) => error);
    expect(stderr).toContain("cdk deploy ended with code 9");
    const files = readdirSync(join(project, "kept"), { recursive: true, encoding: "utf8" });
    expect(files).toContain("Mine.template.json");
    expect(files.filter((file) => /^asset\.\w+\/\w+\.mjs$/.test(file)).length).toBeGreaterThanOrEqual(3);
  });

  it("the package is one copy of each error, wherever it is imported from", async () => {
    const script = `import { InvalidFlag } from "fantail-lambda"; import { InvalidFlag as other } from "fantail-lambda/cdk"; console.log(InvalidFlag === other);`;
    expect(await printed(script)).toBe("true");
  });

  it("the package synthesizes a user's own stack, with the assets bundled from its built files", async () => {
    const output = await printed(`
      import { App, Stack } from "aws-cdk-lib";
      import { Fantail } from "fantail-lambda/cdk";
      const app = new App({ outdir: "cdk.out", builtinCloudFormationValidation: false });
      const stack = new Stack(app, "Mine");
      new Fantail(stack, "Cluster", { engines: [{ name: "default", count: 2 }], scheme: "lru", hwm: 1 });
      console.log(Object.keys(app.synth().stacks[0].template.Outputs).join(" "));
    `);
    expect(output).toBe("SchedulerFunction TaskTable EngineTable BlobBucket Scheme Hwm Pools");
    const files = readdirSync(join(project, "cdk.out"), { recursive: true, encoding: "utf8" });
    expect(files.filter((file) => /^asset\.\w+\/\w+\.mjs$/.test(file)).map((file) => file.slice(-10))).toHaveLength(3);
  });

  it("the package has types that a strict TypeScript project can use", async () => {
    writeFileSync(
      join(project, "consumer.ts"),
      `import { Client } from "fantail-lambda";
       import { Fantail, type FantailProps } from "fantail-lambda/cdk";
       const props: FantailProps = { engines: [{ name: "a", count: 1 }], scheme: "twobin", hwm: "adaptive" };
       // @ts-expect-error there is no such scheme
       const wrong: FantailProps = { engines: [], scheme: "fastest" };
       export const all: unknown[] = [Fantail, Client.connect, props, wrong];\n`,
    );
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2023"];
    // A user brings a compiler and @types/node; the package depends on neither.
    mkdirSync(join(project, "node_modules/@types"), { recursive: true });
    symlinkSync(join(root, "node_modules/@types/node"), join(project, "node_modules/@types/node"));
    symlinkSync(join(root, "node_modules/undici-types"), join(project, "node_modules/undici-types"));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    await run(process.execPath, [tsc, ...options, "--types", "node", "consumer.ts"], { cwd: project });
  });
});
