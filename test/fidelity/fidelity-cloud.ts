import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { S3Client } from "@aws-sdk/client-s3";

/** A cloud on which the probe stack is deployed. Clients try once, so that each refusal is seen. */
export interface FidelityCloud {
  lambda: LambdaClient;
  /** Its caller is nobody that the cloud knows. */
  stranger: LambdaClient;
  dynamodb: DynamoDBClient;
  s3: S3Client;
  /**
   * Where the cloud was set to be faster than AWS: how many times, and the milliseconds that it would take if it were not.
   * Absent: what is measured counts.
   */
  hurried?: { times: number; retryDelays: () => Promise<number[]>; ruleInterval: () => number };
  /** Makes the cloud misbehave as AWS does now and then. Absent: it cannot be made to. */
  faults?: {
    deliverTwice(functionName: string): Promise<void>;
    leaveUnprocessed(): Promise<void>;
  };
  stop(): Promise<void>;
}

/** One kind of cloud. */
export interface FidelityTarget {
  /** Its column in the table. */
  column: "embedded" | "ministack" | "localstack";
  name: string;
  /** Why it cannot be had here; undefined: it can. */
  missing(): Promise<string | undefined>;
  /** Whether a row is only reported, not compared, once it is known what was started. Default: every row is compared. */
  isOnlyReported?(row: string): Promise<boolean>;
  start(): Promise<FidelityCloud>;
}

/** One row of the table. */
export interface Probe {
  row: string;
  /** What AWS does, in the words of `observe`. */
  aws: string;
  /** Where AWS says so. */
  source: string;
  /** Sets off what takes its time, before any probe is observed. */
  begin?(cloud: FidelityCloud): Promise<unknown>;
  /** Tries it, and tells in a few words what the cloud did. */
  observe(cloud: FidelityCloud): Promise<string>;
}
