import * as v from "valibot";
import { InvalidFlag } from "./errors.ts";
import { HighWaterMark, SCHEME_NAMES, SchemeName } from "./flags.ts";
import { MIN_LOG_LEVELS, type MinLogLevel } from "./log-events.ts";
import { mustBeOneOf, parseSetting, wholeNumber } from "./setting-fault.ts";
import { TENANT_NAME } from "./stack-outputs.ts";

/**
 * A pool of equal engines: `count` virtual engines, which run in one Lambda function, or in `burst` identical ones.
 *
 * @example
 * const pool: EnginePool = { name: "images", count: 16, memoryMb: 3008, modules: ["sharp@^0.34"] };
 */
export interface EnginePool {
  /** Up to 40 letters, digits and dashes, starting with a letter; unique in the cluster. `targets` may name it. */
  name: string;
  /** Number of virtual engines, 1 to 100,000. */
  count: number;
  /** Memory of each environment in MB, 128 to 10,240. CPU grows with it. Default 1,769: one whole vCPU. */
  memoryMb?: number | undefined;
  /** CPU architecture. Default `arm64`, for which Lambda charges a fifth less. */
  architecture?: "arm64" | "x86_64" | undefined;
  /** Maximum duration of an invocation, and so of a task, in seconds: 1 to 900. Default 900. */
  timeoutSeconds?: number | undefined;
  /**
   * Number of identical Lambda functions that the pool's engines are spread over, 1 to 20. Lambda starts up to 1,000
   * environments of a function every ten seconds, so all engines of a pool of 3,000 are running after ten seconds with
   * 3 functions, and after thirty with 1. An idle function costs nothing. Default 1.
   */
  burst?: number | undefined;
  /**
   * Number of environments that Lambda reserves for the pool, divided among its functions. Must be at least `count` and
   * `burst`; add a few, because a new session may start before the environment of an earlier one is free. Reserved
   * environments cost nothing, but nothing else in the account can use them, and the pool never gets more than these.
   * Default: no reservation; the pool shares what the account has left.
   */
  reservedConcurrency?: number | undefined;
  /**
   * Up to five Lambda layers, by the ARNs of their versions; their files are under /opt. Packages for `requires` belong
   * in `modules`, because Node does not import from a layer. The embedded cloud refuses layers. Default: none.
   */
  layers?: string[] | undefined;
  /** Environment variables of the engines. No secrets: anyone who may submit a task can read them. Default: none. */
  environment?: Record<string, string> | undefined;
  /**
   * npm packages to install with the pool's engines, such as `sharp` or `@scope/name@^2`, or local ones, such as
   * `file:./my-lib`; `requires` finds them there. Their install scripts are not run. Default: none.
   */
  modules?: string[] | undefined;
}

/** A custom scheme: the path of a module, and the name under which it exports the function. */
export interface OwnScheme {
  /** Path or `file:` URL of the module. */
  entry: string;
  /** Name of the exported function. */
  export: string;
}

/** The name that clients and the scheduler use for a scheme: its own name or, for a custom scheme, `user`. */
export function schemeName(scheme: SchemeName | OwnScheme): SchemeName | "user" {
  return typeof scheme === "string" ? scheme : "user";
}

/** The validated settings of a cluster, with all defaults filled in. */
export interface ClusterSettings {
  engines: (EnginePool & {
    memoryMb: number;
    timeoutSeconds: number;
    architecture: "arm64" | "x86_64";
    burst: number;
  })[];
  scheme: SchemeName | OwnScheme;
  hwm: HighWaterMark;
  /** Path or `file:` URL of the module whose exports are the deployed functions. */
  functions?: string | undefined;
  /** Whether clients may send code. */
  codeShipping: boolean;
  /** The lowest level that the functions log. */
  logLevel: MinLogLevel;
  /** Names of the tenants. Absent: a single cluster without tenants. */
  tenants?: string[] | undefined;
}

/** The settings of a cluster, not yet validated. */
export interface GivenSettings {
  engines: unknown;
  scheme?: unknown;
  hwm?: unknown;
  functions?: unknown;
  codeShipping?: unknown;
  logLevel?: unknown;
  tenants?: unknown;
}

/** Default number of days for which tasks and their results are kept. */
export const DEFAULT_RETENTION_DAYS = 30;

/** Memory, in MB, at which Lambda gives an environment one whole vCPU. */
export const ONE_VCPU_MB = 1769;

const NAME_OF_TENANT = "must be a letter, followed by up to 39 letters and digits";
const NAME_OF_POOL = "must be a letter, followed by up to 39 letters, digits and dashes";
const LAYER_ARN = "must be the ARN of a layer's version, like arn:aws:lambda:…:layer:name:1";
const MODULE = "must be the name of an npm package, with or without a version, or file: and a path";
const POOLS = "must be a list of at least one pool";
const TENANTS = "must be a list of at least one tenant's name";

export const TenantName = v.pipe(v.string(NAME_OF_TENANT), v.regex(TENANT_NAME, NAME_OF_TENANT));

const PACKAGE = /^(?:(?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*(?:@[\w.+^~<>=*| -]+)?|file:.+)$/;

/** Matches the ARN of a layer's version, or the CDK's placeholder for an ARN that is known only at deployment. */
const LAYER = /^(?:arn:[\w-]+:lambda:[\w-]+:\d{12}:layer:[\w-]+:\d+|\$\{Token\[.+\]\})$/;

/** Whether a module of a pool is a package on the local disk. */
export function isLocalPackage(module: string): boolean {
  return module.startsWith("file:");
}

const LogLevel = v.picklist(MIN_LOG_LEVELS, "must be warn or info");

const Pool = v.strictObject({
  name: v.pipe(v.string(NAME_OF_POOL), v.regex(/^[A-Za-z][A-Za-z0-9-]{0,39}$/, NAME_OF_POOL)),
  count: wholeNumber(1, 100_000),
  memoryMb: v.optional(wholeNumber(128, 10_240), ONE_VCPU_MB),
  architecture: v.optional(v.picklist(["arm64", "x86_64"], "must be arm64 or x86_64"), "arm64"),
  timeoutSeconds: v.optional(wholeNumber(1, 900), 900),
  burst: v.optional(wholeNumber(1, 20), 1),
  reservedConcurrency: v.optional(wholeNumber(1, 100_000)),
  layers: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(LAYER_ARN), v.regex(LAYER, LAYER_ARN))),
      v.maxLength(5, "must be a list of at most 5 layers"),
    ),
  ),
  environment: v.optional(
    v.record(
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z][A-Za-z0-9_]+$/, "the name of a variable must be a letter, then letters, digits and _"),
        v.regex(/^(?!FANTAIL_|AWS_)/, "names that begin with FANTAIL_ or AWS_ are reserved: rename the variable"),
      ),
      v.string("must be a string"),
    ),
  ),
  modules: v.optional(
    v.pipe(
      v.array(v.pipe(v.string(MODULE), v.regex(PACKAGE, MODULE))),
      v.maxLength(50, "must be a list of at most 50 modules"),
    ),
  ),
});

/**
 * Validates the settings of a cluster and fills in the defaults.
 *
 * @throws InvalidFlag that names the setting, as in `engines[0].count`, `scheme`, `codeShipping`, `tenants[1]`
 */
export function parseClusterSettings(settings: GivenSettings): ClusterSettings {
  const engines = parseSetting(v.pipe(v.array(Pool, POOLS), v.minLength(1, POOLS)), settings.engines, "engines");
  const names = new Set<string>();
  for (const [at, { name, count, burst, reservedConcurrency = Math.max(count, burst) }] of engines.entries()) {
    if (reservedConcurrency < count)
      throw new InvalidFlag(
        `engines[${at}].reservedConcurrency`,
        `must be ${count} or more, one for each engine, not ${reservedConcurrency}`,
      );
    // A function whose share of the reservation is 0 never runs, and scaling the pool may assign engines to it.
    if (reservedConcurrency < burst)
      throw new InvalidFlag(
        `engines[${at}].reservedConcurrency`,
        `must be ${burst} or more, one for each of the pool's ${burst} functions (see burst), not ${reservedConcurrency}`,
      );
    if (names.has(name)) throw new InvalidFlag(`engines[${at}].name`, `there are two pools named ${name}: rename one`);
    names.add(name);
  }
  const schemes = `${mustBeOneOf(SCHEME_NAMES)}, or { entry, export } for one of your own`;
  const own = v.strictObject({
    entry: v.string(),
    export: v.pipe(v.string(), v.regex(/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u, "must be the name of an export")),
  });
  const path = "must be the path of a module that exports functions";
  const functions = parseSetting(
    v.optional(v.pipe(v.string(path), v.minLength(1, path))),
    settings.functions,
    "functions",
  );
  const codeShipping = parseSetting(v.boolean("must be true or false"), settings.codeShipping ?? true, "codeShipping");
  if (!codeShipping && functions === undefined)
    throw new InvalidFlag(
      "codeShipping",
      "is false, so the cluster runs only deployed functions: set `functions` to the path of the module that exports them",
    );
  return {
    ...(functions === undefined ? {} : { functions }),
    codeShipping,
    engines,
    logLevel: parseSetting(LogLevel, settings.logLevel ?? "warn", "logLevel"),
    scheme: parseSetting(v.union([SchemeName, own], schemes), settings.scheme ?? "leastload", "scheme"),
    hwm: parseSetting(
      v.message(HighWaterMark, 'must be a whole number, 0 or more, or "adaptive"'),
      settings.hwm ?? "adaptive",
      "hwm",
    ),
    ...(settings.tenants === undefined ? {} : { tenants: parseTenants(settings.tenants) }),
  };
}

/**
 * Validates the names of tenants.
 *
 * @throws InvalidFlag that names the first invalid tenant
 */
export function parseTenants(given: unknown): string[] {
  const tenants = parseSetting(v.pipe(v.array(TenantName, TENANTS), v.minLength(1, TENANTS)), given, "tenants");
  // Files are named after tenants, and some file systems ignore case.
  const small = tenants.map((name) => name.toLowerCase());
  const twice = small.findIndex((name, at) => small.indexOf(name) < at);
  if (twice >= 0)
    throw new InvalidFlag(`tenants[${twice}]`, `there are two tenants named ${tenants[twice]}: rename one`);
  return tenants;
}
