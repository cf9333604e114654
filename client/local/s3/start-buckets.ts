import { type OwnProcess, startOwnProcess } from "../processes/own-process.ts";
import type { S3Start, S3Verbs } from "./s3-process.ts";

/** Starts S3's process. It loads while the cloud reads its template. */
export function startS3(): OwnProcess<S3Verbs> {
  return startOwnProcess("client/local/s3/s3-process");
}

/** Creates the buckets that do not exist yet. Resolves to S3's port. */
export function startBuckets({ channel }: OwnProcess<S3Verbs>, start: S3Start): Promise<number> {
  return channel.call("start", start);
}
