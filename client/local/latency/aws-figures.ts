/** Duration of one kind of call on AWS: half of the calls take at most `medianMs`, 99 % at most `p99Ms`. */
export interface LatencyFigure {
  /** The call, and which part of it is meant. */
  label: string;
  medianMs: number;
  p99Ms: number;
  /** Who measured the median, and when; `assumed` if we found no measurement. */
  medianFrom: string;
  p99From: string;
  /** Bandwidth at which content adds to the duration. Absent: the size of the content does not matter. */
  mbPerSecond?: number;
  mbPerSecondFrom?: string;
}

const DEBRIE = "A. DeBrie, dynamodb-performance-testing, 12 February 2020: from Lambda, 400 calls";
const DONKERSGOED =
  "Bite-Sized Serverless, Serverless messaging: latency compared, 4 September 2022: SNS to Lambda, less the 12 ms by which SNS before SQS exceeds SQS alone";
const BANDWIDTH = { mbPerSecond: 93, mbPerSecondFrom: "D. Vassallo, s3-benchmark, 2 April 2019: from EC2, one thread" };

/**
 * Published latencies of AWS within a region, as measured by callers there.
 *
 * The figures come from different years and callers. They show which calls matter and by how much, but not the exact
 * milliseconds that an account will see.
 */
export const AWS_FIGURES = {
  dynamodbRead: {
    label: "DynamoDB: a read",
    medianMs: 4,
    p99Ms: 12,
    medianFrom: "assumed: less than a write; AWS promises single-digit milliseconds",
    p99From: "assumed",
  },
  dynamodbWrite: {
    label: "DynamoDB: a write of one item",
    medianMs: 7.55,
    p99Ms: 16.2,
    medianFrom: DEBRIE,
    p99From: DEBRIE,
  },
  dynamodbBatchWrite: {
    label: "DynamoDB: BatchWriteItem",
    medianMs: 8.14,
    p99Ms: 25.5,
    medianFrom: `${DEBRIE}, 5 items`,
    p99From: `${DEBRIE}, 5 items`,
  },
  dynamodbTransaction: {
    label: "DynamoDB: a transaction",
    medianMs: 25.3,
    p99Ms: 92.5,
    medianFrom: `${DEBRIE}, 5 items`,
    p99From: `${DEBRIE}, 5 items`,
  },
  invoke: {
    label: "Lambda: from a synchronous call to the handler",
    medianMs: 25,
    p99Ms: 75,
    medianFrom: "L. Wang et al., Peeking behind the curtains of serverless platforms, USENIX ATC 2018: warm start",
    p99From: "assumed",
  },
  accept: {
    label: "Lambda: from an Event call to its answer",
    medianMs: 20,
    p99Ms: 60,
    medianFrom: "assumed: less than a synchronous call",
    p99From: "assumed",
  },
  delivery: {
    label: "Lambda: from an Event call to the handler",
    medianMs: 61,
    p99Ms: 213,
    medianFrom: DONKERSGOED,
    p99From: DONKERSGOED,
  },
  coldStart: {
    label: "Lambda: the first invocation of an environment, in addition to loading its code",
    medianMs: 118,
    p99Ms: 350,
    medianFrom: "M. David, lambda-perf, 21 December 2025: nodejs22.x, arm64, 512 MB, mean of 10",
    p99From: "assumed",
  },
  s3Read: {
    label: "S3: a read, to the first byte",
    medianMs: 30,
    p99Ms: 200,
    medianFrom: "Quickwit, S3 Express speculations, November 2023",
    p99From: "AWS, Optimizing Amazon S3 performance, June 2019: small objects, 100–200 ms",
    ...BANDWIDTH,
  },
  s3Write: {
    label: "S3: a write",
    medianMs: 60,
    p99Ms: 300,
    medianFrom: "assumed: twice a read",
    p99From: "WarpStream, The art of being lazy(log), February 2026: “a few hundred milliseconds”",
    ...BANDWIDTH,
  },
  eventBridge: {
    label: "EventBridge: a rule is read or switched",
    medianMs: 30,
    p99Ms: 150,
    medianFrom: "assumed",
    p99From: "assumed",
  },
} as const satisfies Record<string, LatencyFigure>;

/** A kind of call with its own latency. */
export type LatencyKind = keyof typeof AWS_FIGURES;
