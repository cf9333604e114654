import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { RemovalPolicy } from "aws-cdk-lib";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import * as v from "valibot";
import type { ClusterSettings, EnginePool, OwnScheme } from "../lambdas/protocol/cluster-settings.ts";
import { DEFAULT_RETENTION_DAYS, parseClusterSettings, TenantName } from "../lambdas/protocol/cluster-settings.ts";
import { InvalidFlag } from "../lambdas/protocol/errors.ts";
import type { SchemeName } from "../lambdas/protocol/flags.ts";

/** What a stack is made of. Everything but `engines` has a default. */
export interface FantailProps {
  /** The engine pools; engine ids are counted through them in this order, from 0. */
  engines: EnginePool[];
  /** How tasks are placed on engines: one by name, or a module of your own, bundled into the scheduler. Default `leastload`. */
  scheme?: SchemeName | OwnScheme | undefined;
  /** Tasks that an engine may have outstanding; 0 is unlimited. Default `adaptive`. */
  hwm?: "adaptive" | number | undefined;
  /**
   * What becomes of tables and bucket when the stack is deleted. Default `retain`. With `destroy` the bucket
   * must be emptied first; logs go with the stack in any case.
   */
  removalPolicy?: RemovalPolicy | undefined;
  /** Days that logs are kept. Default 30. */
  logRetention?: RetentionDays | undefined;
  /** Continuous backups of both tables, billed by their size. Default false. */
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
}

/** The props, checked, with every default filled in. */
export interface StackSettings extends ClusterSettings {
  removalPolicy: RemovalPolicy;
  logRetention: RetentionDays;
  pointInTimeRecovery: boolean;
  retentionDays: number;
  blobExpiryDays: number | undefined;
  tenant?: string | undefined;
}

/** As in `RetentionDays`: CloudWatch takes no others. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, 9999,
];

const StackProps = v.strictObject({
  engines: v.unknown(),
  scheme: v.optional(v.unknown()),
  hwm: v.optional(v.unknown()),
  removalPolicy: v.optional(v.enum(RemovalPolicy), RemovalPolicy.RETAIN),
  logRetention: v.optional(v.picklist(RETENTION_DAYS), 30),
  pointInTimeRecovery: v.optional(v.boolean(), false),
  retentionDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(36_500)), DEFAULT_RETENTION_DAYS),
  tenant: v.optional(TenantName),
  blobExpiryDays: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
});

/**
 * Checks the props of a stack.
 *
 * @throws InvalidFlag that names the prop
 */
export function parseFantailProps(props: unknown): StackSettings {
  const parsed = v.safeParse(StackProps, props, { abortEarly: true });
  if (!parsed.success) throw new InvalidFlag(v.getDotPath(parsed.issues[0]) ?? "props", parsed.issues[0].message);
  const { engines, scheme, hwm, blobExpiryDays, ...rest } = parsed.output;
  const cluster = parseClusterSettings({ engines, scheme, hwm });
  if (typeof cluster.scheme !== "string") {
    const entry = resolve(cluster.scheme.entry);
    if (!existsSync(entry)) throw new InvalidFlag("scheme", `there is no file ${entry}`);
  }
  return { ...rest, blobExpiryDays, ...cluster };
}
