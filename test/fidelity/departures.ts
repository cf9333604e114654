import type { FidelityTarget } from "./fidelity-cloud.ts";

type Departures = Record<string, string>;

/**
 * Where each cloud departs from AWS, by row. Rows that are not listed match AWS. A test fails if a cell changes. A
 * column that is missing here has not been run.
 */
export const departures: Partial<Record<FidelityTarget["column"], Departures>> = {
  embedded: {
    "deliveries of an event": "two when asked to",
    "items that a batch leaves unprocessed": "when asked to",
    "the item that a failed condition met": "not in the error",
    "item past its time to live": "never deleted",
  },
  ministack: {
    "event that is waited for": "more than 6 MB taken",
    "event that is not waited for": "more than 1 MB taken",
    answer: "more than 6 MB taken",
    "process that exits": "Runtime.HandlerError, environment replaced",
    "tenant isolation": "taken without an id, environments shared",
    "delays before them": "seconds",
    "function that calls itself without end": "not cut",
    "deliveries of an event": "one",
    "items that a batch leaves unprocessed": "none of 500",
    "item past its time to live": "deleted within minutes",
  },
  // LocalStack's own code, 4.14.0, in the image built here.
  localstack: {
    "event that is waited for": "more than 6 MB taken",
    "event that is not waited for": "more than 1 MB taken",
    // Its limit is 100 bytes above AWS's.
    answer: "more than 6 MB taken",
    "caller with unknown credentials": "taken",
    "call that a function's role does not allow": "allowed",
    "tenant isolation": "taken without an id, environments shared",
    "delays before them": "seconds",
    "function that calls itself without end": "not cut",
    "deliveries of an event": "one",
    "DynamoDB item": "less than 400 KB: ValidationException 400",
    BatchWriteItem: "more than 25 items taken",
    "items that a batch leaves unprocessed": "none of 500",
  },
};
