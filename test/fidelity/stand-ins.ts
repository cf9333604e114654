/** Parts of the image built here that are not LocalStack's own, by the mark of their footnote. */
export const STAND_INS = {
  "¹": "not LocalStack's own code, which would start a container, but this project's executor: a process with AWS's runtime client",
  "²": "not Amazon's DynamoDB Local, which LocalStack would download, but moto behind LocalStack's provider",
} as const;

type StandIn = keyof typeof STAND_INS;

/** The mark of each row of LocalStack's column that concerns such a part. */
export const SYMBOLS: Record<string, StandIn> = {
  answer: "¹",
  "time-out": "¹",
  "process that exits": "¹",
  "DynamoDB item": "²",
  BatchWriteItem: "²",
  BatchGetItem: "²",
  "items that a batch leaves unprocessed": "²",
  "the item that a failed condition met": "²",
  "item past its time to live": "²",
};
