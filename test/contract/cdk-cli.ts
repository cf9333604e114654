import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RemovalPolicy } from "aws-cdk-lib";
import type { FantailStackProps } from "../../cdk/fantail-stack.ts";
import { CONTRACT_POOLS } from "./contract-cloud.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CLI = join(ROOT, "node_modules", "aws-cdk", "bin", "cdk");

/** Options that prevent requests to anything outside the cloud. */
const QUIET = ["--no-notices", "--no-version-reporting", "--ci", "--no-color"];

/** Deleted completely with the stack, once its bucket is empty. */
const CONTRACT = { engines: CONTRACT_POOLS, removalPolicy: RemovalPolicy.DESTROY };

export interface CdkTarget {
  stack: string;
  /** Endpoint of all services. Default: AWS. */
  endpoint?: string;
  /** Environment variables, with credentials and region. */
  env: NodeJS.ProcessEnv;
  /** Folder of the app, below this checkout. Default: fantail's own app. */
  app?: string;
  /** Props of the cluster that fantail's own app deploys. Default: the contract's. */
  props?: FantailStackProps["fantail"];
}

/** Deploys by the CDK's own command, as a user would: `cdk bootstrap`, then `cdk deploy`. */
export async function bootstrapAndDeploy(target: CdkTarget): Promise<void> {
  await cdk(target, ["bootstrap"]);
  await deploy(target);
}

/** Deploys to an account and region that were bootstrapped before. */
export function deploy(target: CdkTarget): Promise<void> {
  return cdk(target, ["deploy", target.stack, "--require-approval", "never"]);
}

/** Runs the CDK's command in the app's folder. If it fails, rejects with the end of its output. */
async function cdk({ stack, endpoint, env, app = ".", props = CONTRACT }: CdkTarget, words: string[]): Promise<void> {
  const out = mkdtempSync(join(tmpdir(), "fantail-cdk-"));
  try {
    const child = spawn(process.execPath, [CLI, ...words, ...QUIET, "--output", out, "-c", `stack=${stack}`], {
      cwd: join(ROOT, app),
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        ...env,
        ...(endpoint !== undefined && { AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint }),
        FANTAIL_CDK_PROPS: JSON.stringify(props),
        CDK_DISABLE_CLI_TELEMETRY: "1",
        CDK_DISABLE_VERSION_CHECK: "1",
        JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION: "1",
      },
    });
    let written = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        written = (written + text).slice(-20_000);
      });
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`cdk ${words.join(" ")} failed:\n${written}`);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
