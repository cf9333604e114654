import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { missingCdkPackages } from "../local/stack/run-cdk-app.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";

/**
 * Version of aws-cdk that error messages say to install. npm's `latest` tag leads to 3.0.0, which is older and cannot
 * read the library's output.
 */
const KNOWN_GOOD = "2.1148.1";
/** Oldest minor version of aws-cdk 2 that accepts the library's output. */
const OLDEST = 1147;

const Manifest = v.object({ version: v.string(), bin: v.union([v.string(), v.record(v.string(), v.string())]) });

/**
 * Finds the CDK's command, in the current project or else beside this package. Neither the command nor the CDK library
 * is a dependency of this package, because they take 215 MB that only deployment needs.
 *
 * @returns the path of its script
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

/** How to run the CDK's command. */
export interface CdkRun {
  /** Path of the command's script. */
  script: string;
  words: readonly string[];
  /** Folder of the synthesized app. */
  assembly: string;
  /** Working directory of the command. It is empty, because a `cdk.json` in it would take effect. */
  folder: string;
  awsProfile: string | undefined;
  env: NodeJS.ProcessEnv;
  /** Whether all output of the CDK goes to stderr, because a program reads stdout. */
  quietly: boolean;
  /** Advice to add to the error if the command fails. */
  advice?: string;
}

/**
 * Runs the CDK's command at the user's terminal and waits until it has ended. Notices, version checks and telemetry are
 * off, so the command connects only to the cloud.
 *
 * @throws CommandFailure if it fails; the command has already printed why
 */
export async function runCdk({
  script,
  words,
  assembly,
  folder,
  awsProfile,
  env,
  quietly,
  advice,
}: CdkRun): Promise<void> {
  const options = ["--app", assembly, "--no-notices", "--no-version-reporting"];
  if (awsProfile !== undefined) options.push("--profile", awsProfile);
  const child = spawn(process.execPath, [script, ...words, ...options], {
    cwd: folder,
    stdio: ["inherit", quietly ? process.stderr : "inherit", "inherit"],
    env: { ...process.env, CDK_DISABLE_CLI_TELEMETRY: "1", CDK_DISABLE_VERSION_CHECK: "1", ...env },
  });
  // Ctrl-C reaches both processes. Ignore it here: CloudFormation finishes the operation, and the CDK reports how.
  const wait = () => {};
  process.on("SIGINT", wait);
  const [code, signal] = await once(child, "close").finally(() => process.off("SIGINT", wait));
  const how = `cdk ${words[0]} ended with ${signal ?? `code ${code}`}`;
  if (code !== 0) throw new CommandFailure(advice === undefined ? how : `${how}; ${advice}`, EXIT.failed);
}
