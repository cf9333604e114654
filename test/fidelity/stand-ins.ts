/** What is not LocalStack's own where its image is built here, by mark. */
export const STAND_INS = {
  "¹": "not LocalStack's own code, which would start a container, but this project's executor: a process with AWS's runtime client",
  "²": "not Amazon's DynamoDB Local, which LocalStack would download, but moto behind LocalStack's provider",
} as const;

type StandIn = keyof typeof STAND_INS;

/** The mark of each row of LocalStack's column that tells of a stand-in. */
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
