import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import * as v from "valibot";
import { SCHEME_NAMES } from "../../lambdas/protocol/flags.ts";
import { findStack } from "../cluster/find-stack.ts";
import type { Connection } from "../connection/connection.ts";
import { synthesizeStack } from "../local/stack/run-cdk-app.ts";
import { findCdk, runCdk } from "./cdk-cli.ts";
import { droppedCells, type Tenants } from "./dropped-cells.ts";
import { highWaterMark, wholeFrom } from "./number-options.ts";
import { show } from "./output-option.ts";
import { count } from "./plural.ts";
import { placeVariables, requireConsent, type StackOptions, withStackOptions } from "./stack-options.ts";
import { stackStatus } from "./stack-status.ts";
import { terminal } from "./terminal.ts";

/** Options that set props of the construct. Default: the value in the props file, or else the construct's default. */
interface DeployOptions extends StackOptions {
  engines?: unknown[];
  scheme?: string;
  hwm?: number | "adaptive";
  functions?: string;
  codeShipping: boolean;
  removal?: "retain" | "destroy";
  props?: Record<string, unknown>;
  bootstrap?: boolean;
  yes?: boolean;
}

const Props = v.record(v.string(), v.unknown());
const DEFAULT_ENGINES = 4;

/** `fantail deploy`: deploys a cluster to an AWS account, using the CDK's command. */
export function deployCommand(): Command {
  const command = new Command("deploy")
    .description("deploy a cluster to an AWS account, or update it")
    .option(
      "-n, --engines <count>",
      `number of engines, or pools as JSON or in a JSON file (default: ${DEFAULT_ENGINES})`,
      (text) => enginePools(text),
    )
    .addOption(new Option("--scheme <name>", "how tasks are placed (default: leastload)").choices(SCHEME_NAMES))
    .option("--hwm <count>", 'most outstanding tasks per engine; 0 for no limit (default: "adaptive")', highWaterMark)
    .option("--functions <file>", "module whose exported functions are bundled into the engines")
    .option("--no-code-shipping", "run only the functions of --functions, and refuse those that clients send")
    .addOption(
      new Option("--removal <policy>", "whether tables and blobs outlive the stack (default: retain)").choices([
        "retain",
        "destroy",
      ]),
    )
    .option("--props <file>", "JSON file with more props of the construct", propsFile)
    .option("--bootstrap", "run `cdk bootstrap` first (needed once per account and region)")
    .option("--yes", "do not ask");
  return withStackOptions(command).action(deploy);
}

async function deploy(options: DeployOptions): Promise<void> {
  const { stack, region, endpoint, awsProfile, output, bootstrap = false, yes = false } = options;
  requireConsent(yes, output);
  const script = findCdk(process.cwd());
  const props = propsOf(options);
  // Throws for a stack of the same name that fantail did not create: deploying would destroy its contents.
  const before = await stackStatus(options);
  const tenants: Tenants = Array.isArray(props.tenants) ? props.tenants.map(String) : [undefined];
  const lost = droppedCells(stack, before.tenants, tenants, yes);
  if (lost !== undefined) terminal.err(`${lost}\n`);
  const folder = mkdtempSync(join(tmpdir(), "fantail-deploy-"));
  try {
    const assembly = await synthesizeStack({ stack, props }, join(folder, "cdk.out"));
    const run = { script, assembly, folder, awsProfile, env: placeVariables(options), quietly: output === "json" };
    if (bootstrap) await runCdk({ ...run, words: ["bootstrap"] });
    const words = ["deploy", stack, ...(yes ? ["--require-approval", "never"] : [])];
    await runCdk({
      ...run,
      words,
      ...(bootstrap ? {} : { advice: "if the account and region were never bootstrapped, pass --bootstrap" }),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const cells: Connection[] = [];
  for (const tenant of tenants) cells.push(await findStack({ stack, tenant, region, endpoint, awsProfile }));
  announce(options, cells);
}

function propsOf({ engines, scheme, hwm, functions, codeShipping, removal, props }: DeployOptions) {
  const settings: Record<string, unknown> = {
    engines: [{ name: "default", count: DEFAULT_ENGINES }],
    ...props,
    ...(engines && { engines }),
    ...(scheme !== undefined && { scheme }),
    ...(hwm !== undefined && { hwm }),
    ...(functions !== undefined && { functions: resolve(functions) }),
    ...(codeShipping ? {} : { codeShipping }),
    ...(removal && { removalPolicy: removal }),
  };
  return settings;
}

function announce({ stack, endpoint, awsProfile, output }: DeployOptions, cells: readonly Connection[]): void {
  const summaries = cells.map(
    ({ tenant, region, pools, scheme, hwm, scheduler, taskTable, engineTable, blobBucket }) => ({
      stack,
      ...(tenant !== undefined && { tenant }),
      region,
      engines: pools.reduce((sum, pool) => sum + pool.count, 0),
      ...{ pools, scheme, hwm, scheduler, taskTable, engineTable, blobBucket },
      // The options of `Client.connect` for this stack.
      connect: {
        stack,
        ...(tenant !== undefined && { tenant }),
        region,
        ...(endpoint !== undefined && { endpoint }),
        ...(awsProfile !== undefined && { awsProfile }),
      },
    }),
  );
  const [only] = summaries;
  show(output, summaries.length === 1 ? only : summaries, () =>
    summaries.flatMap(({ tenant, engines, scheme, hwm, connect, region }) => [
      `stack ${stack}${tenant === undefined ? "" : `, tenant ${tenant}`} in ${region}: ${count(engines, "engine")}, scheme ${scheme}, hwm ${hwm}`,
      `connect with Client.connect(${JSON.stringify(connect)})`,
    ]),
  );
}

/** Parses `--engines`: a number of engines, pools as JSON, or a file that holds them as JSON. */
function enginePools(text: string): unknown[] {
  if (/^\d+$/.test(text)) return [{ name: "default", count: wholeFrom(1)(text) }];
  const pools = jsonOf(text.trimStart().startsWith("[") ? text : fileText(text));
  if (Array.isArray(pools)) return pools;
  throw new InvalidArgumentError("must be a number or a list of pools");
}

function propsFile(file: string): Record<string, unknown> {
  const parsed = v.safeParse(Props, jsonOf(fileText(file)));
  if (parsed.success) return parsed.output;
  throw new InvalidArgumentError("the file must hold a JSON object of props");
}

function fileText(file: string): string {
  if (existsSync(file)) return readFileSync(file, "utf8");
  throw new InvalidArgumentError(`file not found: ${file}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`not valid JSON: ${error instanceof Error ? error.message : error}`);
  }
}
