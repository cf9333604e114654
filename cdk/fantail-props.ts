import { RemovalPolicy } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import * as v from "valibot";
import { schemePath } from "../client/local/code/scheme-path.ts";
import type { ClusterSettings, EnginePool, OwnScheme } from "../lambdas/protocol/cluster-settings.ts";
import { DEFAULT_RETENTION_DAYS, parseClusterSettings, TenantName } from "../lambdas/protocol/cluster-settings.ts";
import type { SchemeName } from "../lambdas/protocol/flags.ts";
import { parseSetting, wholeNumber } from "../lambdas/protocol/setting-fault.ts";
import type { Monitoring } from "./monitoring.ts";
import { type PoolNetwork, splitNetworks } from "./pool-network.ts";

/** What a stack is made of. Everything but `engines` has a default. Nothing here but `vpc` and its like needs more than JSON. */
export interface FantailProps {
  /** The engine pools; engine ids are counted through them in this order, from 0. */
  engines: (EnginePool & PoolNetwork)[];
  /** How tasks are placed on engines: one by name, or a module of your own, bundled into the scheduler. Default `leastload`. */
  scheme?: SchemeName | OwnScheme | undefined;
  /** Tasks that an engine may have outstanding; 0 is unlimited. Default `adaptive`. */
  hwm?: "adaptive" | number | undefined;
  /**
   * A module of yours, by path or `file:` URL, whose exported functions are bundled into the engines: clients call them by
   * name, with `deployed`. Packages that pools have among their `modules` are not
   * bundled: where one is missing the functions do not run.
   */
  functions?: string | undefined;
  /** Whether clients may send functions of their own. Without, only those of `functions` run, and nothing else is taken. Default true. */
  codeShipping?: boolean | undefined;
  /**
   * What becomes of tables and bucket when the stack is deleted. Default `retain`. With `destroy` the bucket
   * must be emptied first; logs go with the stack in any case.
   */
  removalPolicy?: RemovalPolicy | undefined;
  /** Days that logs are kept. Default 30. */
  logRetention?: RetentionDays | undefined;
  /**
   * Continuous backups of both tables, to be restored as they were at any second of the last 35 days. Billed by what the tables
   * hold, which expires: $0.20 a gigabyte and month, nothing while they are empty. Default true.
   */
  pointInTimeRecovery?: boolean | undefined;
  /**
   * Whose cell this is: its outputs bear the name, so that a stack can hold one for each tenant. Letters and digits, beginning with
   * a letter. Default: the only cluster of its stack.
   */
  tenant?: string | undefined;
  /** Days for which tasks and results are kept, from when they were written; a job must have ended by then. Default 30. */
  retentionDays?: number | undefined;
  /**
   * Days after which a blob is deleted; results that refer to it are lost then. A result stored before, byte for byte, is
   * not stored anew and keeps its date; what a client sends is. Default: kept for ever.
   */
  blobExpiryDays?: number | undefined;
  /**
   * A key of KMS, or its ARN, that encrypts tables, blobs and logs: $1 a month and key, and $0.03 for 10,000 calls, of which there are
   * few. For a key that is not of the same app, its own policy must let CloudWatch Logs use it. Default: keys that AWS owns,
   * which cost nothing.
   */
  encryptionKey?: IKey | string | undefined;
  /**
   * Environments that Lambda sets aside for the doors, so that engines, which may take all the account has, cannot crowd them
   * out: about one for ten engines, of each. They cost nothing, yet nothing else in the account can have them, and no door
   * ever has more. Default: as many as the account has left.
   */
  reservedConcurrency?: { scheduler?: number | undefined; report?: number | undefined } | undefined;
  /**
   * Alarms and a dashboard in CloudWatch: all, or chosen ones. They are billed while nothing runs, about $4 a month.
   * Default false.
   */
  monitoring?: boolean | Monitoring | undefined;
  /** Tags of everything in the cluster that can have them, up to 50. */
  tags?: Record<string, string> | undefined;
}

/** The props, checked, with every default filled in. */
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
  tags: Record<string, string>;
}

/** As in `RetentionDays`: CloudWatch takes no others. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, 9999,
];

/** One of the CDK's own objects, told by the ARN that it has, or only that ARN, or what stands for it in an app until it is deployed. */
const construct = <Kind>(property: keyof Kind & string, service: string, message: string) => {
  const arn = new RegExp(`^(?:arn:[\\w-]+:${service}:[\\w-]+:\\d{12}:.+|\\$\\{Token\\[.+\\]\\})$`);
  return v.custom<Kind | string>(
    (value) =>
      typeof value === "string" ? arn.test(value) : typeof value === "object" && value !== null && property in value,
    message,
  );
};
const reserved = v.optional(wholeNumber(1));

const StackProps = v.strictObject({
  engines: v.unknown(),
  scheme: v.optional(v.unknown()),
  hwm: v.optional(v.unknown()),
  functions: v.optional(v.unknown()),
  codeShipping: v.optional(v.unknown()),
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
      v.check((tags) => Object.keys(tags).length <= 50, "must be at most 50 tags"),
    ),
    {},
  ),
});

/**
 * Checks the props of a stack.
 *
 * @throws InvalidFlag that names the prop
 */
export function parseFantailProps(props: unknown): StackSettings {
  const { engines, scheme, hwm, functions, codeShipping, blobExpiryDays, encryptionKey, ...rest } = parseSetting(
    StackProps,
    props,
    "",
  );
  const { pools, networks } = splitNetworks(engines);
  const cluster = parseClusterSettings({ engines: pools, scheme, hwm, functions, codeShipping });
  if (typeof cluster.scheme !== "string") schemePath(cluster.scheme);
  return {
    ...rest,
    blobExpiryDays,
    encryptionKey,
    ...cluster,
    engines: cluster.engines.map((pool, at) => ({ ...pool, ...networks[at] })),
  };
}
