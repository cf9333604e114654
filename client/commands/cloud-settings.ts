import { type Command, Option } from "commander";
import { SCHEME_NAMES, type SchemeName } from "../../lambdas/protocol/flags.ts";
import { MIN_LOG_LEVELS, type MinLogLevel } from "../../lambdas/protocol/log-events.ts";
import type { CloudOptions } from "../local/cloud.ts";
import type { LatencyChoice } from "../local/latency/latency-option.ts";
import { latencyModel } from "./latency-model-option.ts";
import { highWaterMark, wholeFrom } from "./number-options.ts";

/** Options that say what kind of cluster to start on this machine. */
export interface CloudSettings {
  engines: number;
  scheme: SchemeName;
  hwm: number | "adaptive";
  functions?: string;
  codeShipping: boolean;
  logLevel: MinLogLevel;
  latency?: LatencyChoice;
}

/** Adds the options that say what kind of cluster to start. */
export function withCloudSettings(command: Command): Command {
  return command
    .option("-n, --engines <count>", "number of engines", wholeFrom(1), 4)
    .addOption(new Option("--scheme <name>", "how tasks are placed").choices(SCHEME_NAMES).default("leastload"))
    .option(
      "--hwm <count>",
      'most outstanding tasks per engine, 0 for no limit, or "adaptive"',
      highWaterMark,
      "adaptive",
    )
    .option("--functions <file>", "module whose exported functions are bundled into the engines")
    .option("--latency <model>", "delay every call as AWS would: aws, or aws:<seed> for other draws", latencyModel)
    .addOption(new Option("--log-level <level>", "lowest level to log").choices(MIN_LOG_LEVELS).default("warn"))
    .option("--no-code-shipping", "run only the functions of --functions, and refuse those that clients send");
}

/** The options of `startCloud` for these settings. */
export function cloudOptions({ latency, engines, ...settings }: CloudSettings): CloudOptions {
  const { scheme, hwm, functions, codeShipping, logLevel } = settings;
  return { latency, pools: [{ name: "default", count: engines }], scheme, hwm, functions, codeShipping, logLevel };
}
