import type { Table } from "aws-cdk-lib/aws-dynamodb";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { acknowledgeBlobPrefix } from "./acknowledged.ts";
import type { ClusterFunction } from "./cluster-function.ts";
import { useKey } from "./encryption.ts";
import type { StackPool } from "./engine-pool.ts";
import { addBlobs, invoke, keepTables } from "./permissions.ts";

/**
 * How long the event that starts an engine may wait for concurrency, in seconds. The scheduler replaces a session that
 * does not begin within seconds, so an older event is useless. Lambda's default is 6 hours.
 */
const ENGINE_START_SECONDS = 300;

/**
 * How long the event of a sweep may wait for concurrency, in seconds. If a sweep fails or is late, the next one does
 * its work.
 */
const SWEEP_SECONDS = 60;

/** The functions of a cluster and the resources that they use. */
export interface CallingFunctions {
  scheduler: ClusterFunction;
  report: ClusterFunction;
  pools: readonly StackPool[];
  tables: { tasks: Table; engines: Table };
  blobBucket: Bucket;
  key: IKey | undefined;
}

/**
 * Lets scheduler and report use the tables and start engines, and lets engines call `report` and exchange blobs.
 * `report` also receives the on-failure records of engines.
 */
export function allowCalls({ scheduler, report, pools, tables, blobBucket, key }: CallingFunctions): void {
  const engines = pools.flatMap(({ engine }) => engine.functions);
  for (const fn of [scheduler, report]) fn.allow(...keepTables(tables), invoke(engines), ...useKey(key, "keep tables"));
  for (const { engine } of pools) {
    engine.allow(invoke([report.function]), ...addBlobs(blobBucket), ...useKey(key, "blobs"));
    acknowledgeBlobPrefix(engine, blobBucket);
    engine.handleEvents({ maxAgeSeconds: ENGINE_START_SECONDS, onFailure: report.function });
  }
  scheduler.handleEvents({ maxAgeSeconds: SWEEP_SECONDS });
}
