import { createRequire } from "node:module";
import { homedir } from "node:os";
import { ClusterError } from "../../../lambdas/protocol/errors.ts";
import { runModule } from "../processes/own-process.ts";

/** Packages needed to synthesize a stack, in versions known to work. Deploying also needs the CDK command. */
const CDK_PACKAGES = { "aws-cdk-lib": "2.276.0", constructs: "10.8.1" } as const;

/** A stack for the CDK to deploy. */
export interface StackToDeploy {
  stack: string;
  /** Props of the construct, not validated. */
  props: Record<string, unknown>;
  /** Whether to bundle assets. Without assets, only the stack's name in the template can be used. Default: true. */
  bundles?: boolean;
}

/**
 * Synthesizes a stack for AWS into a folder and returns the folder.
 *
 * @throws ClusterError if packages are missing, or the construct rejects the props
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

/** Returns the CDK packages that are not installed, each with the version to install. */
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
 * Runs a module of `cdk/` in a separate process.
 *
 * @throws ClusterError if packages are missing, or the construct rejects its props
 */
export async function runCdkApp(module: string, argv: string[], more: Record<string, string>): Promise<void> {
  const missing = missingCdkPackages();
  if (missing.length > 0)
    throw new ClusterError(
      `synthesizing a stack requires packages that are not installed: run npm install --save-dev ${missing.join(" ")}`,
    );
  const { PATH, HOME = homedir(), TMPDIR } = process.env;
  try {
    await runModule(
      `cdk/${module}`,
      {
        env: {
          PATH,
          HOME,
          ...(TMPDIR !== undefined && { TMPDIR }),
          ...passedOn(),
          ...more,
          CDK_DISABLE_STACK_TRACE: "1",
          JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION: "1",
        },
      },
      argv,
    );
  } catch (error) {
    throw new ClusterError(`the stack could not be synthesized${complaintOf(error)}`, {
      cause: error,
      retryable: false,
    });
  }
}

/** Returns the error thrown in the app's process, without its stack trace. */
function complaintOf(error: unknown): string {
  // The CDK wraps errors that bundling throws in text of its own.
  const found = /\b(?:InvalidFlag|\w*Error): ([\s\S]*?)(?=\n {4}(?:at |\.\.\.)|$)/.exec(
    error instanceof Error ? error.message : String(error),
  );
  return found?.[1] === undefined ? "" : `: ${found[1].slice(0, 1_500)}`;
}

/**
 * Returns the variables to pass on: those that npm needs to reach its registry, the cache folder, and CDK_VALIDATION.
 */
function passedOn(): NodeJS.ProcessEnv {
  const names =
    /^(?:npm_config_.*|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|FANTAIL_CACHE|CDK_VALIDATION)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => names.test(name)));
}
