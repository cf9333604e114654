import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { missingCdkPackages } from "../local/run-cdk-app.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";

/** The version to install: the one that npm names `latest`, 3.0.0, is older and cannot read what the library writes. */
const KNOWN_GOOD = "2.1148.1";
/** Older ones refuse the library's output. */
const OLDEST = 1147;

const Manifest = v.object({ version: v.string(), bin: v.union([v.string(), v.record(v.string(), v.string())]) });

/**
 * Finds the CDK's own command: installed in the project in which `fantail` is run, else beside this package. Neither it nor the CDK's
 * library is a dependency of this one, since they are 215 MB that only a deployment needs.
 *
 * @returns its script
 * @throws CommandFailure that says what to install
 */
export function findCdk(project: string): string {
  const missing = missingCdkPackages();
  const remedy = `npm install --save-dev ${[`aws-cdk@${KNOWN_GOOD}`, ...missing].join(" ")}`;
  const file = [join(project, "package.json"), import.meta.url].map(manifestFrom).find((found) => found !== undefined);
  if (file === undefined)
    throw new CommandFailure(
      `this command requires the AWS CDK, which is not installed. Run \`${remedy}\``,
      EXIT.noCdk,
    );
  if (missing.length > 0)
    throw new CommandFailure(
      `this command requires packages that are not installed. Run \`npm install --save-dev ${missing.join(" ")}\``,
      EXIT.noCdk,
    );
  const { version, bin } = v.parse(Manifest, JSON.parse(readFileSync(file, "utf8")));
  const [, major, minor] = /^(\d+)\.(\d+)\./.exec(version) ?? [];
  if (major !== "2" || Number(minor) < OLDEST)
    throw new CommandFailure(
      `aws-cdk ${version} in ${dirname(file)} is too old to deploy this stack. Run \`${remedy}\``,
      EXIT.noCdk,
    );
  const script = typeof bin === "string" ? bin : (bin.cdk ?? "bin/cdk");
  return join(dirname(file), script);
}

function manifestFrom(origin: string): string | undefined {
  try {
    const file = createRequire(origin).resolve("aws-cdk/package.json");
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}

/** How the CDK's command is run. */
export interface CdkRun {
  /** Its script. */
  script: string;
  words: readonly string[];
  /** The synthesized app. */
  assembly: string;
  /** An empty folder: a `cdk.json` of the user's would have a say otherwise. */
  folder: string;
  awsProfile: string | undefined;
  env: NodeJS.ProcessEnv;
  /** Whether stdout is read by a program, so that everything the CDK says goes to stderr. */
  quietly: boolean;
  /** What may help when it fails. */
  hint?: string;
}

/**
 * Runs the CDK's command to its end, at the user's terminal. It reaches for no address but those of the cloud.
 *
 * @throws CommandFailure when it fails; why, it has said itself
 */
export async function runCdk({
  script,
  words,
  assembly,
  folder,
  awsProfile,
  env,
  quietly,
  hint,
}: CdkRun): Promise<void> {
  const options = ["--app", assembly, "--no-notices", "--no-version-reporting"];
  if (awsProfile !== undefined) options.push("--profile", awsProfile);
  const child = spawn(process.execPath, [script, ...words, ...options], {
    cwd: folder,
    stdio: ["inherit", quietly ? process.stderr : "inherit", "inherit"],
    env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: "1", CDK_DISABLE_VERSION_CHECK: "1", ...env },
  });
  // The terminal tells both. What CloudFormation has begun it ends, and the CDK is let say so.
  const wait = () => {};
  process.on("SIGINT", wait);
  const [code, signal] = await once(child, "close").finally(() => process.off("SIGINT", wait));
  const how = `cdk ${words[0]} ended with ${signal ?? `code ${code}`}`;
  if (code !== 0) throw new CommandFailure(hint === undefined ? how : `${how}; ${hint}`, EXIT.failed);
}
