import { answerEmpty } from "../protocol/answer.ts";
import type { Checksum } from "../protocol/checksum.ts";
import { checkCondition, writeCondition } from "../protocol/conditions.ts";
import { checksumHeaders, keptHeaders } from "../protocol/object-headers.ts";
import { receiveContent } from "../protocol/receive-content.ts";
import type { S3Call } from "../protocol/s3-call.ts";
import type { ObjectFacts } from "../store/object-file.ts";

export async function putObject({ bucket, key, request, response, headers }: S3Call): Promise<void> {
  const condition = writeCondition(headers);
  const mayReplace = () => checkCondition(condition, key, () => bucket.head(key));
  // Fail before receiving the content. The condition is checked again on commit, since another write may come in
  // between.
  mayReplace();
  const kept = keptHeaders(headers);
  const writer = bucket.writer();
  try {
    const { md5, checksum } = await receiveContent(request, writer);
    const etag = `"${md5.toString("hex")}"`;
    const facts = writtenNow(key, writer.size, etag, kept, checksum);
    await bucket.commit(writer, facts, mayReplace);
    answerEmpty(response, 200, { etag, ...checksumHeaders(checksum) });
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/** Returns the metadata of an object that is being written. */
export function writtenNow(
  key: string,
  size: number,
  etag: string,
  headers: Record<string, string>,
  checksum: Checksum | undefined,
): ObjectFacts {
  return { key, size, etag, modified: Date.now(), headers, ...(checksum && { checksum }) };
}
