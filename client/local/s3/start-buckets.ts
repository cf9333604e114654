import { type OwnProcess, startOwnProcess } from "../own-process.ts";
import type { S3Start, S3Verbs } from "./s3-process.ts";

/** Starts the process that is S3. It loads while the cloud reads what it is to hold. */
export function startS3(): OwnProcess<S3Verbs> {
  return startOwnProcess("s3/s3-process");
}

/** Opens the buckets. Resolves to the port where S3 answers. */
export function startBuckets({ channel }: OwnProcess<S3Verbs>, start: S3Start): Promise<number> {
  return channel.call("start", start);
}
