import { answerEmpty, answerXml } from "../protocol/answer.ts";
import { checkCondition, writeCondition } from "../protocol/conditions.ts";
import { receiveText } from "../protocol/receive-content.ts";
import type { S3Call } from "../protocol/s3-call.ts";
import { notImplemented, S3Error } from "../protocol/s3-error.ts";
import { childText, malformedXml, type ReadElement, readXml } from "../protocol/xml.ts";

const MAX_KEYS = 1_000;
/** Largest accepted list of keys, in bytes: enough for 1,000 keys of 1 KB, escaped. */
const MAX_LIST_BYTES = 8 * 1024 ** 2;

/** Serves DeleteObject. Like S3, it succeeds if there is no such object. */
export function deleteObject({ bucket, key, response, headers }: S3Call): void {
  const condition = writeCondition(headers);
  if (condition.isNew) throw notImplemented("a delete with If-None-Match");
  checkCondition(condition, key, () => bucket.head(key));
  bucket.delete(key);
  answerEmpty(response, 204);
}

/** Serves DeleteObjects. Checks access for each key separately. */
export async function deleteObjects(call: S3Call): Promise<void> {
  const { bucket, bucketName, request, response, mustBeAllowed } = call;
  const list = readXml(await receiveText(request, MAX_LIST_BYTES));
  const listed = list.children.filter(({ name }) => name === "Object");
  if (list.name !== "Delete" || listed.length === 0 || listed.length > MAX_KEYS) throw malformedXml();
  if (listed.some((object) => (childText(object, "Key") ?? "") === "")) throw malformedXml();
  const isQuiet = childText(list, "Quiet") === "true";
  const [deleted, failed]: [{ Key: string }[], Record<string, string>[]] = [[], []];
  for (const object of listed) {
    const key = childText(object, "Key") ?? "";
    try {
      refuseConditions(object);
      mustBeAllowed("s3:DeleteObject", bucketName, key);
      bucket.delete(key);
      deleted.push({ Key: key });
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      failed.push({ Key: key, Code: error.code, Message: error.message });
    }
  }
  answerXml(response, "DeleteResult", { Deleted: isQuiet ? [] : deleted, Error: failed });
}

function refuseConditions(object: ReadElement): void {
  const other = object.children.find(({ name }) => name !== "Key");
  if (other) throw notImplemented(`DeleteObjects with ${other.name}`);
}
