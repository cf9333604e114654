import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { S3Client } from "@aws-sdk/client-s3";

/** A cloud on which the probe stack is deployed. Clients do not retry, so that each refusal is visible. */
export interface FidelityCloud {
  lambda: LambdaClient;
  /** A client with credentials that the cloud does not know. */
  stranger: LambdaClient;
  dynamodb: DynamoDBClient;
  s3: S3Client;
  /**
   * Set if the cloud was made faster than AWS: the factor, and the delays in milliseconds without it. Absent: measured
   * delays are used.
   */
  hurried?: { times: number; retryDelays: () => Promise<number[]>; ruleInterval: () => number };
  /** Injects faults that occur now and then on AWS. Absent: the cloud cannot. */
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
  /** Returns why it is unavailable here; undefined if it is available. */
  missing(): Promise<string | undefined>;
  /**
   * Whether a row is only reported, not compared, which may depend on the started variant. Default: every row is
   * compared.
   */
  isOnlyReported?(row: string): Promise<boolean>;
  start(): Promise<FidelityCloud>;
}

/** One row of the table. */
export interface Probe {
  row: string;
  /** AWS's behaviour, in the words of `observe`. */
  aws: string;
  /** AWS's documentation of it. */
  source: string;
  /** Starts what takes long, before any probe is observed. */
  begin?(cloud: FidelityCloud): Promise<unknown>;
  /** Observes the cloud's behaviour and describes it in a few words. */
  observe(cloud: FidelityCloud): Promise<string>;
}
