import { RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import * as v from "valibot";
import { schemePath } from "../client/local/code/scheme-path.ts";
import type { ClusterSettings, EnginePool, OwnScheme } from "../lambdas/protocol/cluster-settings.ts";
import { DEFAULT_RETENTION_DAYS, parseClusterSettings, TenantName } from "../lambdas/protocol/cluster-settings.ts";
import type { SchemeName } from "../lambdas/protocol/flags.ts";
import type { MinLogLevel } from "../lambdas/protocol/log-events.ts";
import { parseSetting, wholeNumber } from "../lambdas/protocol/setting-fault.ts";
import type { Monitoring } from "./monitoring.ts";
import { type PoolNetwork, splitNetworks } from "./pool-network.ts";

/**
 * Props of a cluster. Only `engines` is required. All but the network of a pool can be given as JSON.
 *
 * @example
 * const props: FantailProps = { engines: [{ name: "default", count: 16 }], scheme: "lru", retentionDays: 7 };
 * new Fantail(stack, "Tasks", props);
 */
export interface FantailProps {
  /** The engine pools. Engine ids are numbered through them in this order, from 0. */
  engines: (EnginePool & PoolNetwork)[];
  /**
   * How tasks are placed on engines: a built-in scheme by name, or a module of your own, which is bundled into the
   * scheduler. Default `leastload`.
   */
  scheme?: SchemeName | OwnScheme | undefined;
  /** High-water mark: maximum number of outstanding tasks per engine; 0 is unlimited. Default `adaptive`. */
  hwm?: "adaptive" | number | undefined;
  /**
   * Path or `file:` URL of a module of yours, whose exported functions are bundled into the engines. Clients call these
   * functions by name, with `deployed`. Packages that any pool lists in `modules` are not bundled, so a function that
   * imports such a package cannot run in a pool without it. Default: none.
   */
  functions?: string | undefined;
  /**
   * Whether clients may send their own functions. If false, only the functions of `functions` run, and any other code
   * is refused. Default true.
   */
  codeShipping?: boolean | undefined;
  /**
   * What happens to the tables and the S3 bucket when the stack is deleted. Default `retain`. With `destroy`, empty the
   * S3 bucket first. Logs are always deleted with the stack.
   */
  removalPolicy?: RemovalPolicy | undefined;
  /**
   * The lowest level that the functions log: `warn`, or `info` for a line about each job and each report too. CloudWatch
   * charges $0.50 per GB of logs; the lines have about 300 bytes. Default `warn`.
   */
  logLevel?: MinLogLevel | undefined;
  /** Days to keep logs. Default 30. */
  logRetention?: RetentionDays | undefined;
  /**
   * Whether to make continuous backups of both tables, from which any second of the last 35 days can be restored. They
   * cost $0.20 a month per GB of stored data, and nothing while the tables are empty. Default true.
   */
  pointInTimeRecovery?: boolean | undefined;
  /**
   * The tenant whose cell this is. The names of the stack's outputs include the tenant's name, so a stack can have one
   * cell per tenant. A letter, then up to 39 letters and digits. Default: no tenant; the
   * cluster must then be the only one in its stack.
   */
  tenant?: string | undefined;
  /**
   * Days to keep tasks and results, counted from when they are written; a job must end within that time. Default 30.
   */
  retentionDays?: number | undefined;
  /**
   * Days after which a blob is deleted, and with it the results that refer to it. Storing an identical result again
   * does not restart the time; sending an identical value from a client does. Default: kept forever.
   */
  blobExpiryDays?: number | undefined;
  /**
   * A KMS key, or its ARN, that encrypts tables, blobs and logs. Costs $1 a month per key, plus $0.03 per 10,000 KMS
   * requests, and a cluster makes few. A key from outside the app must have a policy that lets CloudWatch Logs use it.
   * Default: keys owned by AWS, which are free.
   */
  encryptionKey?: IKey | string | undefined;
  /**
   * Environments reserved for the `scheduler` and `report` functions, so that engines cannot use up the account's
   * concurrency: about one of each per ten engines. Reserved environments are free, but nothing else in the account can
   * use them, and a function never gets more than its own. Default: none; both share the account's concurrency.
   */
  reservedConcurrency?: { scheduler?: number | undefined; report?: number | undefined } | undefined;
  /**
   * CloudWatch alarms and a dashboard: `true` for all of them, or a selection. Billed even while idle, about $4 a
   * month. Default false.
   */
  monitoring?: boolean | Monitoring | undefined;
  /**
   * Namespace in CloudWatch of metrics that count jobs, tasks, sessions and errors, such as `Fantail/Images`. The functions
   * write them into their logs, without a call. CloudWatch charges $0.30 a month for each metric that has data: 12 for
   * scheduler and report, and 5 for each pool. Default: no metrics.
   */
  metricsNamespace?: string | undefined;
  /** Tags for everything in the cluster that can be tagged, up to 50. Default: none. */
  tags?: Record<string, string> | undefined;
}

/** The validated props, with all defaults filled in. */
export interface StackSettings extends ClusterSettings {
  engines: (ClusterSettings["engines"][number] & PoolNetwork)[];
  removalPolicy: RemovalPolicy;
  logRetention: RetentionDays;
  pointInTimeRecovery: boolean;
  retentionDays: number;
  blobExpiryDays: number | undefined;
  tenant?: string | undefined;
  encryptionKey: IKey | string | undefined;
  reservedConcurrency: { scheduler?: number | undefined; report?: number | undefined };
  monitoring: Monitoring;
  metricsNamespace?: string | undefined;
  tags: Record<string, string>;
}

/** The values of `RetentionDays`: CloudWatch accepts no other number of days. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, 9999,
];

/**
 * Returns a schema for a CDK object, recognized by its ARN property, or for its ARN, which may be a token until
 * deployment.
 */
const construct = <Kind>(property: keyof Kind & string, service: string, message: string) => {
  const arn = new RegExp(`^(?:arn:[\\w-]+:${service}:[\\w-]+:\\d{12}:.+|\\$\\{Token\\[.+\\]\\})$`);
  return v.custom<Kind | string>(
    (value) =>
      typeof value === "string" ? arn.test(value) : typeof value === "object" && value !== null && property in value,
    message,
  );
};
const NAMESPACE = "must be up to 255 letters, digits and any of _.-/#, and not begin with AWS/";
const reserved = v.optional(wholeNumber(1));

const StackProps = v.strictObject({
  engines: v.unknown(),
  scheme: v.optional(v.unknown()),
  hwm: v.optional(v.unknown()),
  functions: v.optional(v.unknown()),
  codeShipping: v.optional(v.unknown()),
  logLevel: v.optional(v.unknown()),
  removalPolicy: v.optional(v.enum(RemovalPolicy), RemovalPolicy.RETAIN),
  logRetention: v.optional(v.picklist(RETENTION_DAYS), 30),
  pointInTimeRecovery: v.optional(v.boolean(), true),
  retentionDays: v.optional(wholeNumber(1, 36_500), DEFAULT_RETENTION_DAYS),
  tenant: v.optional(TenantName),
  blobExpiryDays: v.optional(wholeNumber(1)),
  encryptionKey: v.optional(construct<IKey>("keyArn", "kms", "must be a KMS key, or its ARN")),
  reservedConcurrency: v.optional(v.strictObject({ scheduler: reserved, report: reserved }), {}),
  monitoring: v.pipe(
    v.optional(v.unknown(), false),
    v.transform((given) => (typeof given === "boolean" ? { alarms: given, dashboard: given } : given)),
    v.strictObject({
      alarms: v.optional(v.boolean(), true),
      dashboard: v.optional(v.boolean(), true),
      topic: v.optional(construct<ITopic>("topicArn", "sns", "must be an SNS topic, or its ARN")),
    }),
  ),
  metricsNamespace: v.optional(v.pipe(v.string(NAMESPACE), v.regex(/^(?!AWS\/)[\w.\-/#]{1,255}$/, NAMESPACE))),
  tags: v.optional(
    v.pipe(
      v.record(
        v.pipe(
          v.string(),
          v.regex(
            /^(?!aws:)[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/iu,
            "the name of a tag must be up to 128 letters, digits, spaces and any of _.:/=+-@, and not begin with aws:",
          ),
        ),
        v.pipe(
          v.string("must be a string"),
          v.regex(
            /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u,
            "must be up to 256 letters, digits, spaces and any of _.:/=+-@",
          ),
        ),
      ),
      v.check((tags) => Object.keys(tags).length <= 50, "must have at most 50 tags"),
    ),
    {},
  ),
});

/**
 * Validates the props of a cluster.
 *
 * @throws InvalidFlag that names the prop
 */
export function parseFantailProps(props: unknown): StackSettings {
  const { engines, scheme, hwm, functions, codeShipping, logLevel, blobExpiryDays, encryptionKey, ...rest } =
    parseSetting(StackProps, props, "");
  const { pools, networks } = splitNetworks(engines);
  const cluster = parseClusterSettings({ engines: pools, scheme, hwm, functions, codeShipping, logLevel });
  if (typeof cluster.scheme !== "string") schemePath(cluster.scheme);
  return {
    ...rest,
    blobExpiryDays,
    encryptionKey,
    ...cluster,
    engines: cluster.engines.map((pool, at) => ({ ...pool, ...networks[at] })),
  };
}
