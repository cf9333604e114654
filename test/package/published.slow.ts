import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { anAwsService } from "../engine/an-aws-service.ts";
import { root, run, UnpackedPackage } from "./an-unpacked-package.ts";

/** CloudFormation's answer about an unknown stack. */
const NO_STACK =
  "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id Mine does not exist</Message></Error></ErrorResponse>";

const unpacked = new UnpackedPackage();
beforeAll(() => {
  const modules = join(unpacked.project, "node_modules");
  for (const name of ["aws-cdk-lib", "constructs"]) symlinkSync(join(root, "node_modules", name), join(modules, name));
  mkdirSync(join(modules, "aws-cdk"));
  const manifest = { name: "aws-cdk", version: "2.1148.1", bin: "cdk.cjs" };
  writeFileSync(join(modules, "aws-cdk/package.json"), JSON.stringify(manifest));
});

describe("the package", { timeout: 120_000 }, () => {
  it("publint accepts the package, and every module resolution finds its types", async () => {
    const lint = join(root, "node_modules/.bin");
    await run(join(lint, "publint"), ["run", "--strict", unpacked.tarball], { cwd: unpacked.folder });
    // Only ES modules, and no entry points for Node 10's resolution.
    await run(join(lint, "attw"), ["--profile", "esm-only", "--no-definitely-typed", "--no-emoji", unpacked.tarball], {
      cwd: unpacked.folder,
    });
  });

  it("the package deploys from its built files with the user's CDK", { timeout: 240_000 }, async () => {
    const bin = join(unpacked.project, "node_modules/.bin/fantail");
    const cdk = join(unpacked.project, "node_modules/aws-cdk");
    // Records its arguments and fails, so that nothing looks for the stack afterwards.
    const keep = 'const { cpSync } = require("node:fs"); const at = process.argv.indexOf("--app") + 1;';
    writeFileSync(
      join(cdk, "cdk.cjs"),
      `${keep} cpSync(process.argv[at], "${unpacked.project}/kept", { recursive: true }); process.exit(9);`,
    );
    const { endpoint, region } = await anAwsService(() => ({ status: 400, body: NO_STACK }));
    // options.test.ts validates the template of the same props.
    const validation = { CDK_VALIDATION: "false" };
    const env = { ...process.env, ...validation, AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
    const place = ["--stack", "Mine", "--region", region, "--endpoint", endpoint];
    const { stderr } = await run(bin, ["deploy", "--yes", ...place], { cwd: unpacked.project, env }).catch(
      (error) => error,
    );
    expect(stderr).toContain("cdk deploy ended with code 9");
    const files = readdirSync(join(unpacked.project, "kept"), { recursive: true, encoding: "utf8" });
    expect(files).toContain("Mine.template.json");
    expect(files.filter((file) => /^asset\.\w+\/\w+\.mjs$/.test(file)).length).toBeGreaterThanOrEqual(3);
  });

  it("the package has types that a strict TypeScript project can use", async () => {
    writeFileSync(
      join(unpacked.project, "consumer.ts"),
      `import { Client } from "fantail-lambda";
       import { Fantail, type FantailProps } from "fantail-lambda/cdk";
       const props: FantailProps = { engines: [{ name: "a", count: 1 }], scheme: "twobin", hwm: "adaptive" };
       // @ts-expect-error there is no such scheme
       const wrong: FantailProps = { engines: [], scheme: "fastest" };
       export const all: unknown[] = [Fantail, Client.connect, props, wrong];\n`,
    );
    const options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2023"];
    // A user brings a compiler and @types/node; the package depends on neither.
    mkdirSync(join(unpacked.project, "node_modules/@types"), { recursive: true });
    symlinkSync(join(root, "node_modules/@types/node"), join(unpacked.project, "node_modules/@types/node"));
    symlinkSync(join(root, "node_modules/undici-types"), join(unpacked.project, "node_modules/undici-types"));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    await run(process.execPath, [tsc, ...options, "--types", "node", "consumer.ts"], { cwd: unpacked.project });
  });

  it("the package exports the construct if the user has a CDK", async () => {
    const names = await unpacked.printed('console.log(Object.keys(await import("fantail-lambda/cdk")).join(" "))');
    expect(names).toBe("Fantail FantailStack InvalidFlag");
  });

  it("each error class is the same, whichever entry point it is imported from", async () => {
    const script = `import { InvalidFlag } from "fantail-lambda"; import { InvalidFlag as other } from "fantail-lambda/cdk"; console.log(InvalidFlag === other);`;
    expect(await unpacked.printed(script)).toBe("true");
  });

  it("the package synthesizes a user's own stack, with the assets bundled from its built files", async () => {
    const output = await unpacked.printed(`
      import { App, Stack } from "aws-cdk-lib";
      import { Fantail } from "fantail-lambda/cdk";
      const app = new App({ outdir: "cdk.out", builtinCloudFormationValidation: false });
      const stack = new Stack(app, "Mine");
      new Fantail(stack, "Cluster", { engines: [{ name: "default", count: 2 }], scheme: "lru", hwm: 1 });
      console.log(Object.keys(app.synth().stacks[0].template.Outputs).join(" "));
    `);
    expect(output).toBe("SchedulerFunction TaskTable EngineTable BlobBucket Scheme Hwm Pools");
    const files = readdirSync(join(unpacked.project, "cdk.out"), { recursive: true, encoding: "utf8" });
    expect(files.filter((file) => /^asset\.\w+\/\w+\.mjs$/.test(file)).map((file) => file.slice(-10))).toHaveLength(3);
  });
});
