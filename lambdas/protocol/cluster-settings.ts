import * as v from "valibot";
import { InvalidFlag } from "./errors.ts";
import { HighWaterMark, SCHEME_NAMES, SchemeName } from "./flags.ts";
import { TENANT_NAME } from "./stack-outputs.ts";

/** Engines of one kind: `count` virtual engines that run in a Lambda function of their own, or in `burst` of them. */
export interface EnginePool {
  /** Letters, digits and dashes, beginning with a letter; unique in the cluster. `targets` may name it. */
  name: string;
  /** How many virtual engines. */
  count: number;
  /** Memory of each environment, 128 to 10,240. CPU grows with it. Default 1,769: one whole vCPU. */
  memoryMb?: number | undefined;
  /** Default `arm64`, which Lambda bills a fifth lower. */
  architecture?: "arm64" | "x86_64" | undefined;
  /** Longest invocation, hence longest task, 1 to 900. Default 900. */
  timeoutSeconds?: number | undefined;
  /**
   * How many Lambda functions, all the same, the pool's engines are spread over, 1 to 20. Lambda starts up to 1,000 environments
   * of a function every ten seconds, so a pool of 3,000 engines is at work after ten seconds with 3 and after thirty
   * with 1. A function costs nothing while it does not run. Default 1.
   */
  burst?: number | undefined;
  /**
   * Environments that Lambda sets aside for the pool, shared out among its functions: `count` at least, and some more so that an
   * engine that ends does not hold up its next start. They cost nothing, yet nothing else in the account can have them, and
   * the pool never has more. Default: as many as the account has left.
   */
  reservedConcurrency?: number | undefined;
  /**
   * Up to five layers, by the ARNs of their versions: programs and libraries below /opt. Packages for `requires` belong
   * into `modules`, since Node imports nothing from a layer. The embedded cloud has no layers, and says so.
   */
  layers?: string[] | undefined;
  /** Variables of the engines' environment. No secrets: whoever may submit a task can read them. */
  environment?: Record<string, string> | undefined;
  /**
   * npm packages to install beside the pool's engines, as `sharp` or `@scope/name@^2`, or local ones, as `file:./my-lib`:
   * there `requires` finds them. Their install scripts are not run.
   */
  modules?: string[] | undefined;
}

/** A scheme of the user's own: a module, by path, and the name under which it exports the function. */
export interface OwnScheme {
  entry: string;
  export: string;
}

/** Under which name clients and scheduler know a scheme. */
export function schemeName(scheme: SchemeName | OwnScheme): SchemeName | "user" {
  return typeof scheme === "string" ? scheme : "user";
}

/** What a cluster is made of, checked and with every default filled in. */
export interface ClusterSettings {
  engines: (EnginePool & {
    memoryMb: number;
    timeoutSeconds: number;
    architecture: "arm64" | "x86_64";
    burst: number;
  })[];
  scheme: SchemeName | OwnScheme;
  hwm: HighWaterMark;
  /** The module whose exports are the deployed functions, by path or `file:` URL. */
  functions?: string | undefined;
  /** Claims that clients may send code. */
  codeShipping: boolean;
  /** Absent: one cluster for all. */
  tenants?: string[] | undefined;
}

/** What a cluster is made of, unchecked. */
export interface GivenSettings {
  engines: unknown;
  scheme?: unknown;
  hwm?: unknown;
  functions?: unknown;
  codeShipping?: unknown;
  tenants?: unknown;
}

/** Days for which tasks and their results are kept, when nothing else is said. */
export const DEFAULT_RETENTION_DAYS = 30;

/** Memory at which Lambda gives an environment one whole vCPU. */
export const ONE_VCPU_MB = 1769;

const whole = (from: number, to: number, what: string) =>
  v.pipe(
    v.number(`${what} is a number`),
    v.integer(`${what} is a whole number`),
    v.minValue(from, `${what} is at least ${from}`),
    v.maxValue(to, `${what} is at most ${to}`),
  );

export const TenantName = v.pipe(
  v.string("a tenant's name is a string"),
  v.regex(TENANT_NAME, "a tenant's name is a letter, then up to 39 letters and digits"),
);

const PACKAGE = /^(?:(?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*(?:@[\w.+^~<>=*| -]+)?|file:.+)$/;

/** An ARN, or what stands for one in a CDK app until it is deployed. */
const LAYER = /^(?:arn:[\w-]+:lambda:[\w-]+:\d{12}:layer:[\w-]+:\d+|\$\{Token\[.+\]\})$/;

/** Claims that one of a pool's modules is a package on this machine's disk. */
export function isLocalPackage(module: string): boolean {
  return module.startsWith("file:");
}

const Pool = v.strictObject({
  name: v.pipe(
    v.string("name is a string"),
    v.regex(/^[A-Za-z][A-Za-z0-9-]{0,39}$/, "name is a letter, then up to 39 letters, digits and dashes"),
  ),
  count: whole(1, 100_000, "count"),
  memoryMb: v.optional(whole(128, 10_240, "memoryMb"), ONE_VCPU_MB),
  architecture: v.optional(v.picklist(["arm64", "x86_64"], "architecture is arm64 or x86_64"), "arm64"),
  timeoutSeconds: v.optional(whole(1, 900, "timeoutSeconds"), 900),
  burst: v.optional(whole(1, 20, "burst"), 1),
  reservedConcurrency: v.optional(whole(1, 100_000, "reservedConcurrency")),
  layers: v.optional(
    v.pipe(
      v.array(
        v.pipe(
          v.string("a layer is a string"),
          v.regex(LAYER, "a layer is the ARN of one of its versions, as arn:aws:lambda:…:layer:name:1"),
        ),
      ),
      v.maxLength(5, "at most 5 layers"),
    ),
  ),
  environment: v.optional(
    v.record(
      v.pipe(
        v.string(),
        v.regex(/^[A-Za-z][A-Za-z0-9_]+$/, "a variable's name is a letter, then letters, digits and _"),
        v.regex(/^(?!FANTAIL_|AWS_)/, "variables that begin with FANTAIL_ or AWS_ are reserved"),
      ),
      v.string("a variable's value is a string"),
    ),
  ),
  modules: v.optional(
    v.pipe(
      v.array(
        v.pipe(
          v.string("a module is a string"),
          v.regex(PACKAGE, "a module is the name of an npm package, with or without a version, or file: and a path"),
        ),
      ),
      v.maxLength(50, "at most 50 modules"),
    ),
  ),
});

/**
 * Checks the settings of a cluster and fills in the defaults.
 *
 * @throws InvalidFlag that names the setting, as in `engines[0].count`, `scheme`, `codeShipping`, `tenants[1]`
 */
export function parseClusterSettings(settings: GivenSettings): ClusterSettings {
  const engines = setting(v.pipe(v.array(Pool), v.minLength(1, "at least one pool")), settings.engines, "engines");
  const names = new Set<string>();
  for (const [at, { name, count, burst, reservedConcurrency = Math.max(count, burst) }] of engines.entries()) {
    if (reservedConcurrency < count)
      throw new InvalidFlag(`engines[${at}].reservedConcurrency`, `is ${count} at least, one for each engine`);
    // A function that has none never runs, and the pool's engines may be scaled to reach it.
    if (reservedConcurrency < burst)
      throw new InvalidFlag(
        `engines[${at}].reservedConcurrency`,
        `is ${burst} at least, one for each function of burst`,
      );
    if (names.has(name)) throw new InvalidFlag(`engines[${at}].name`, `there are two pools named ${name}`);
    names.add(name);
  }
  const schemes = `one of ${SCHEME_NAMES.join(", ")}, or { entry, export } for one of your own`;
  const own = v.strictObject({
    entry: v.string(),
    export: v.pipe(v.string(), v.regex(/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u)),
  });
  const path = "the path of a module that exports functions";
  const functions = setting(v.optional(v.pipe(v.string(path), v.minLength(1, path))), settings.functions, "functions");
  const codeShipping = setting(v.boolean("true or false"), settings.codeShipping ?? true, "codeShipping");
  if (!codeShipping && functions === undefined)
    throw new InvalidFlag(
      "codeShipping",
      "without it the cluster runs deployed functions only: name their module as `functions`",
    );
  return {
    ...(functions === undefined ? {} : { functions }),
    codeShipping,
    engines,
    scheme: setting(v.union([SchemeName, own], schemes), settings.scheme ?? "leastload", "scheme"),
    hwm: setting(v.message(HighWaterMark, 'a whole number from 0, or "adaptive"'), settings.hwm ?? "adaptive", "hwm"),
    ...(settings.tenants === undefined ? {} : { tenants: parseTenants(settings.tenants) }),
  };
}

/**
 * Checks the names of tenants.
 *
 * @throws InvalidFlag that names the one at fault
 */
export function parseTenants(given: unknown): string[] {
  const tenants = setting(v.pipe(v.array(TenantName), v.minLength(1, "at least one tenant")), given, "tenants");
  // Files are named after them, and not every disk tells capitals from small letters.
  const small = tenants.map((name) => name.toLowerCase());
  const twice = small.findIndex((name, at) => small.indexOf(name) < at);
  if (twice >= 0) throw new InvalidFlag(`tenants[${twice}]`, `there are two tenants named ${tenants[twice]}`);
  return tenants;
}

function setting<const Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  name: string,
): v.InferOutput<Schema> {
  const parsed = v.safeParse(schema, value, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = issue.path?.map(({ key }) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("") ?? "";
  throw new InvalidFlag(`${name}${path}`, issue.message);
}
