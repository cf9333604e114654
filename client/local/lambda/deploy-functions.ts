import { join } from "node:path";
import type { LatencyModel } from "../latency/latency-model.ts";
import type { Principal } from "../requests/access.ts";
import type { Principals } from "../requests/principals.ts";
import { type Cell, poolOf } from "../stack/cells.ts";
import type { FunctionSpec } from "../stack/deployment.ts";
import { environmentShare, isControl, warmEnvironments } from "./environment-share.ts";
import { type Endpoints, environmentVariables } from "./environment-variables.ts";
import { type EventDelays, LAMBDA_DELAYS } from "./event-queue.ts";
import { FunctionLog } from "./function-log.ts";
import type { LambdaService } from "./lambda-service.ts";
import { bootstrapFile, unpackCode } from "./unpack-code.ts";
import { warmInTurn } from "./warm-in-turn.ts";

/** Settings and services shared by all functions. */
interface DeployedWith {
  functions: readonly FunctionSpec[];
  cells: readonly Cell[];
  /** Each function's role as a caller, by the role's ARN. */
  roles: ReadonlyMap<string, Principal>;
  principals: Principals;
  code: FunctionCode;
  /** Folder for logs; undefined: memory. */
  logs: string | undefined;
  eventDelays?: EventDelays | undefined;
  latency: LatencyModel | undefined;
}

/** Locations of the functions' code. */
export interface FunctionCode {
  /** Each function's code folder, keyed by function name. */
  folders: ReadonlyMap<string, string>;
  /** The file that every environment runs first. */
  bootstrap: string;
  /** Folder of Node's compile cache. */
  cache: string;
}

/** Copies the functions' code to the folders in which environments run it. Returns its locations. */
export function unpackFunctions(functions: readonly FunctionSpec[], folder: string): FunctionCode {
  return {
    folders: unpackCode(functions, folder),
    bootstrap: bootstrapFile(),
    cache: join(folder, "compiled"),
  };
}

/** Deploys every function of the stack, without starting any. The functions find the services at `endpoints`. */
export function deployFunctions(service: LambdaService, parts: DeployedWith, endpoints: Endpoints): void {
  const { functions, cells, roles, principals, code, logs, eventDelays: delays = LAMBDA_DELAYS, latency } = parts;
  for (const spec of functions) {
    const role = roles.get(spec.role);
    const folder = code.folders.get(spec.name);
    if (!role || folder === undefined) continue;
    const variables = environmentVariables(spec, role, endpoints, { task: folder, cache: code.cache });
    const { arn: functionArn, memoryMb, timeoutSeconds } = spec;
    service.deploy({
      spec,
      setup: {
        bootstrap: code.bootstrap,
        functionArn,
        folder,
        variables,
        memoryMb,
        timeoutSeconds,
        isThread: isAllOurs(spec),
      },
      log: new FunctionLog(spec.name, logs),
      isEngine: poolOf(spec, cells) !== undefined,
      share: environmentShare(spec, functions, cells, latency !== undefined),
      isBrief: isControl(spec),
      delays,
      mayLog: (action) => principals.decide(role, action, `${spec.logGroup}:log-stream:any`) === "allowed",
    });
  }
}

/** Whether a function runs only this package's code: scheduler and report do, unless the user supplies the scheme. */
function isAllOurs({ variables }: FunctionSpec): boolean {
  return variables.FANTAIL_POOLS !== undefined && variables.FANTAIL_SCHEME !== "user";
}

/**
 * Starts the environments that are needed first. Resolves once they have started. If a function's first environment
 * does not start, no others are started.
 */
export function warmFunctions(
  service: LambdaService,
  { functions, cells }: Pick<DeployedWith, "functions" | "cells">,
): Promise<void> {
  return warmInTurn(service.all().map((fn) => ({ fn, count: warmEnvironments(fn.spec, functions, cells) })));
}
