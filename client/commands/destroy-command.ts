import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { synthesizeStack } from "../local/stack/run-cdk-app.ts";
import { findCdk, runCdk } from "./cdk-cli.ts";
import { CommandFailure, EXIT } from "./exit-codes.ts";
import { show } from "./output-option.ts";
import { placeVariables, requireConsent, type StackOptions, withStackOptions } from "./stack-options.ts";
import { stackStatus } from "./stack-status.ts";

/** `fantail destroy`: deletes a deployed cluster. */
export function destroyCommand(): Command {
  return withStackOptions(
    new Command("destroy")
      .description(
        "delete a cluster from an AWS account; tables and blobs stay, unless it was deployed with --removal destroy",
      )
      .option("--yes", "do not ask"),
  ).action(destroy);
}

async function destroy(options: StackOptions & { yes?: boolean }): Promise<void> {
  const { stack, awsProfile, output, yes = false } = options;
  requireConsent(yes, output);
  const script = findCdk(process.cwd());
  const found = await stackStatus(options);
  if (!found.exists)
    throw new CommandFailure(`stack ${stack} not found in ${found.region}: check --stack and --region`, EXIT.noCluster);
  const folder = mkdtempSync(join(tmpdir(), "fantail-destroy-"));
  try {
    // Only the name of the stack matters, so bundle no code.
    const props = { engines: [{ name: "default", count: 1 }] };
    const assembly = await synthesizeStack({ stack, props, bundles: false }, join(folder, "cdk.out"));
    const env = placeVariables(options);
    const words = ["destroy", stack, ...(yes ? ["--force"] : [])];
    await runCdk({ script, assembly, folder, awsProfile, env, quietly: output === "json", words });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  // The stack still exists if the user declined to delete it.
  const { exists } = await stackStatus(options);
  show(output, { stack, region: found.region, destroyed: !exists }, () => [
    `stack ${stack} in ${found.region}: ${exists ? "not deleted" : "deleted"}`,
  ]);
}
