import { createRequire } from "node:module";
import { homedir } from "node:os";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import { runModule } from "./own-process.ts";

/** The packages with which a stack is described, in the versions that are known to work; a command beside them deploys it. */
const CDK_PACKAGES = { "aws-cdk-lib": "2.276.0", constructs: "10.8.1" } as const;

/** What is to be deployed by the CDK. */
export interface StackToDeploy {
  stack: string;
  /** Of the construct, unchecked. */
  props: Record<string, unknown>;
  /** Whether assets are made; without, only the stack's name is of use. Default true. */
  bundles?: boolean;
}

/**
 * Has the construct describe a stack, for AWS, and gives the folder.
 *
 * @throws ClusterError for props that the construct refuses
 */
export async function synthesizeStack({ stack, props, bundles = true }: StackToDeploy, out: string): Promise<string> {
  const context = { stack, ...(bundles ? {} : { "aws:cdk:bundling-stacks": [] }) };
  await runCdkApp("app", [], {
    FANTAIL_CDK_PROPS: JSON.stringify(props),
    CDK_OUTDIR: out,
    CDK_CONTEXT_JSON: JSON.stringify(context),
    ...(bundles ? {} : { CDK_VALIDATION: "false" }),
  });
  return out;
}

/** Those of the CDK's packages that are not installed, each with the version to install. */
export function missingCdkPackages(): string[] {
  const { resolve } = createRequire(import.meta.url);
  return Object.entries(CDK_PACKAGES)
    .filter(([name]) => {
      try {
        return resolve(`${name}/package.json`) === "";
      } catch {
        return true;
      }
    })
    .map(([name, version]) => `${name}@${version}`);
}

/**
 * Runs a module of `cdk/` in a process of its own.
 *
 * @throws ClusterError with what the construct refused, or what is to be installed
 */
export async function runCdkApp(module: string, argv: string[], more: Record<string, string>): Promise<void> {
  const missing = missingCdkPackages();
  if (missing.length > 0)
    throw new ClusterError(
      `describing a stack needs packages that are not installed: run npm install --save-dev ${missing.join(" ")}`,
    );
  const { PATH, HOME = homedir(), TMPDIR } = process.env;
  try {
    await runModule(
      `../../cdk/${module}`,
      {
        env: {
          PATH,
          HOME,
          ...(TMPDIR !== undefined && { TMPDIR }),
          ...npmEnvironment(),
          ...more,
          CDK_DISABLE_STACK_TRACE: "1",
          JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION: "1",
        },
      },
      argv,
    );
  } catch (error) {
    throw new ClusterError(`the stack could not be synthesized${complaintOf(error)}`, { cause: error });
  }
}

/** What the app's process threw, without its stack. */
function complaintOf(error: unknown): string {
  // The CDK puts words of its own around what bundling throws.
  const found = /\b(?:InvalidFlag|\w*Error): ([\s\S]*?)(?=\n {4}(?:at |\.\.\.)|$)/.exec(
    error instanceof Error ? error.message : String(error),
  );
  return found?.[1] === undefined ? "" : `: ${found[1].slice(0, 1_500)}`;
}

/** What npm must know to reach its registry. */
function npmEnvironment(): NodeJS.ProcessEnv {
  const names =
    /^(?:npm_config_.*|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|FANTAIL_CACHE)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name)));
}
