import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import * as v from "valibot";
import { SCHEME_NAMES } from "../../lambdas/protocol/flags.ts";
import type { Connection } from "../cluster/connection.ts";
import { findStack } from "../cluster/find-stack.ts";
import { synthesizeStack } from "../local/run-cdk-app.ts";
import { findCdk, runCdk } from "./cdk-cli.ts";
import { droppedCells, type Tenants } from "./dropped-cells.ts";
import { highWaterMark, wholeFrom } from "./number-options.ts";
import { show } from "./output-option.ts";
import { placeVariables, requireConsent, type StackOptions, withStackOptions } from "./stack-options.ts";
import { stackStatus } from "./stack-status.ts";
import { terminal } from "./terminal.ts";

/** Props of the construct that have an option of their own. Those that were not given are the file's, or the construct's default. */
interface DeployOptions extends StackOptions {
  engines?: unknown[];
  scheme?: string;
  hwm?: number | "adaptive";
  functions?: string;
  codeShipping: boolean;
  removal?: "retain" | "destroy";
  props?: Record<string, unknown>;
  bootstrap: boolean;
  yes: boolean;
}

const Props = v.record(v.string(), v.unknown());
const DEFAULT_ENGINES = 4;

/** `fantail deploy`: a cluster in an AWS account, by the CDK's own command. */
export function deployCommand(): Command {
  const command = new Command("deploy")
    .description("deploy a cluster to an AWS account, or bring it up to date")
    .option("-n, --engines <count>", `engines; or pools as JSON, or a file of it; default ${DEFAULT_ENGINES}`, (text) =>
      enginePools(text),
    )
    .addOption(new Option("--scheme <name>", "how tasks are placed; default leastload").choices(SCHEME_NAMES))
    .option("--hwm <count>", 'tasks outstanding per engine; 0: no limit; default "adaptive"', highWaterMark)
    .option("--functions <file>", "a module whose exported functions are bundled into the engines")
    .option("--no-code-shipping", "run those functions only, and none that clients send")
    .addOption(
      new Option("--removal <policy>", "what becomes of tables and blobs with the stack; default retain").choices([
        "retain",
        "destroy",
      ]),
    )
    .option("--props <file>", "further props of the construct, as JSON", propsFile)
    .option("--bootstrap", "prepare the account and region for the CDK first, once for all stacks", false)
    .option("--yes", "ask nothing", false);
  return withStackOptions(command).action(deploy);
}

async function deploy(options: DeployOptions): Promise<void> {
  const { stack, region, endpoint, awsProfile, output, bootstrap, yes } = options;
  requireConsent(yes, output);
  const script = findCdk(process.cwd());
  const props = propsOf(options);
  // Another's stack of that name would lose all that it holds.
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
      ...(bootstrap ? {} : { hint: "an account and region new to the CDK need --bootstrap" }),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const cells: Connection[] = [];
  for (const tenant of tenants) cells.push(await findStack({ stack, tenant, region, endpoint, awsProfile }));
  announce(options, cells);
}

function propsOf({ engines, scheme, hwm, functions, codeShipping, removal, props }: DeployOptions) {
  return {
    engines: [{ name: "default", count: DEFAULT_ENGINES }],
    ...props,
    ...(engines && { engines }),
    ...(scheme !== undefined && { scheme }),
    ...(hwm !== undefined && { hwm }),
    ...(functions !== undefined && { functions: resolve(functions) }),
    ...(codeShipping ? {} : { codeShipping }),
    ...(removal && { removalPolicy: removal }),
  } as Record<string, unknown>;
}

function announce({ stack, endpoint, awsProfile, output }: DeployOptions, cells: readonly Connection[]): void {
  const told = cells.map(({ tenant, region, pools, scheme, hwm, scheduler, taskTable, engineTable, blobBucket }) => ({
    stack,
    ...(tenant !== undefined && { tenant }),
    region,
    engines: pools.reduce((sum, { count }) => sum + count, 0),
    ...{ pools, scheme, hwm, scheduler, taskTable, engineTable, blobBucket },
    // What Client.connect takes.
    connect: {
      stack,
      ...(tenant !== undefined && { tenant }),
      region,
      ...(endpoint !== undefined && { endpoint }),
      ...(awsProfile !== undefined && { awsProfile }),
    },
  }));
  const [only] = told;
  show(output, told.length === 1 ? only : told, () =>
    told.flatMap(({ tenant, engines, scheme, hwm, connect, region }) => [
      `stack ${stack}${tenant === undefined ? "" : `, tenant ${tenant}`} in ${region}: ${engines} engines, scheme ${scheme}, hwm ${hwm}`,
      `connect with Client.connect(${JSON.stringify(connect)})`,
    ]),
  );
}

/** A number of engines, or pools as JSON, or the file that holds it. */
function enginePools(text: string): unknown[] {
  if (/^\d+$/.test(text)) return [{ name: "default", count: wholeFrom(1)(text) }];
  const pools = jsonOf(text.trimStart().startsWith("[") ? text : fileText(text));
  if (Array.isArray(pools)) return pools;
  throw new InvalidArgumentError("It is a number, or a list of pools.");
}

function propsFile(file: string): Record<string, unknown> {
  const parsed = v.safeParse(Props, jsonOf(fileText(file)));
  if (parsed.success) return parsed.output;
  throw new InvalidArgumentError("It holds an object of props.");
}

function fileText(file: string): string {
  if (existsSync(file)) return readFileSync(file, "utf8");
  throw new InvalidArgumentError(`There is no file ${file}.`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}
