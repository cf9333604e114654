import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { App } from "aws-cdk-lib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FantailStack } from "../../cdk/fantail-stack.ts";
import { installPythonTool, pythonOf } from "../python-tool.ts";
import { everyOption } from "./every-option.ts";

/** CloudFormation's linter, by AWS: https://github.com/aws-cloudformation/cfn-lint, MIT-0. */
const CFN_LINT = "cfn-lint==1.58.0";

/** Ignored: the CDK's Function lists its role in DependsOn although it also refers to it, which is harmless. */
const IGNORED = "W3005";

const run = promisify(execFile);
const missing = await installPythonTool(CFN_LINT);
if (missing !== undefined) console.warn(`\nSKIPPED: cfn-lint: ${missing}\n`);

let folder = "";
beforeAll(async () => {
  if (missing !== undefined) return;
  folder = mkdtempSync(join(tmpdir(), "fantail-lint-"));
  // The example imports fantail as a built package.
  const { SumsStack } = await import("../../examples/cdk-app/sums-stack.ts");
  const app = new App({ analyticsReporting: false, outdir: folder, context: { "aws:cdk:bundling-stacks": [] } });
  const engines = [{ name: "default", count: 4 }];
  new FantailStack(app, "Fantail", { fantail: { engines } });
  new FantailStack(app, "Tenants", { fantail: { engines, tenants: ["alice", "bob"] } });
  everyOption(app);
  new SumsStack(app, "Sums");
  app.synth();
}, 240_000);
afterAll(() => folder && rmSync(folder, { recursive: true, force: true }));

/** Returns the linter's findings about a template. */
async function complaints(file: string): Promise<string> {
  const options = ["--ignore-checks", IGNORED, "--regions", "us-east-1", "eu-central-1", "--", file];
  return run(pythonOf(CFN_LINT), ["-c", "from cfnlint.runner import main; main()", ...options]).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string; stderr?: string }) => `${error.stdout}${error.stderr}`,
  );
}

describe.skipIf(missing !== undefined)("cfn-lint", { timeout: 120_000 }, () => {
  it.each(["Fantail", "Tenants", "Everything", "Sums"])(
    "cfn-lint finds nothing in the template of %s",
    async (stack) => {
      expect(await complaints(join(folder, `${stack}.template.json`))).toBe("");
    },
  );

  it("cfn-lint detects an invalid template", async () => {
    const file = join(folder, "Wrong.template.json");
    const text = readFileSync(join(folder, "Fantail.template.json"), "utf8");
    writeFileSync(
      file,
      text.replace('"nodejs24.x"', '"nodejs4"').replace('"BlockPublicAcls": true', '"BlockPublic": 1'),
    );
    expect(await complaints(file)).toMatch(/BlockPublic[\s\S]*nodejs4/);
  });
});
