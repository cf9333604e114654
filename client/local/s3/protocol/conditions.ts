import type { IncomingHttpHeaders } from "node:http";
import type { ObjectFacts } from "../store/object-file.ts";
import { noSuchKey, notImplemented, preconditionFailed } from "./s3-error.ts";

/** The preconditions of requests on an existing object. */

/** Whether a header's list of ETags includes this one. `*` includes all. */
function names(list: string, etag: string): boolean {
  return list.split(",").some((one) => {
    const bare = one.trim().replace(/^W\//, "").replaceAll('"', "");
    return bare === "*" || bare === etag.replaceAll('"', "");
  });
}

const seconds = (milliseconds: number) => Math.floor(milliseconds / 1_000);

/** Parses a date header into seconds since 1970. Returns undefined for an invalid date, which sets no condition. */
function dateOf(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  const time = Date.parse(String(header));
  return Number.isNaN(time) ? undefined : seconds(time);
}

/**
 * Checks the preconditions of a read.
 *
 * @param prefix prefix of the header names: `x-amz-copy-source-` for the source of a copy
 * @returns whether the caller already has this version
 * @throws S3Error PreconditionFailed
 */
export function isKnownToCaller({ etag, modified }: ObjectFacts, headers: IncomingHttpHeaders, prefix = ""): boolean {
  const header = (name: string) => headers[`${prefix}${name}`];
  const [match, none] = [header("if-match"), header("if-none-match")];
  if (match !== undefined) {
    if (!names(String(match), etag)) throw preconditionFailed("If-Match");
  } else if (seconds(modified) > (dateOf(header("if-unmodified-since")) ?? Number.POSITIVE_INFINITY))
    throw preconditionFailed("If-Unmodified-Since");
  if (none !== undefined) return names(String(none), etag);
  return seconds(modified) <= (dateOf(header("if-modified-since")) ?? Number.NEGATIVE_INFINITY);
}

/** Precondition of a write or delete on the existing object. */
export interface WriteCondition {
  /** Whether the object must not exist yet. */
  isNew: boolean;
  /** ETags of an If-Match header: the existing object must have one of them. Undefined: no such condition. */
  match: string | undefined;
}

/**
 * Returns the precondition in the headers of a write.
 *
 * @throws S3Error NotImplemented for a condition that S3 does not have
 */
export function writeCondition(headers: IncomingHttpHeaders): WriteCondition {
  const { "if-match": match, "if-none-match": none } = headers;
  if (none !== undefined && none !== "*") throw notImplemented("writes with If-None-Match other than *");
  return { isNew: none === "*", match };
}

/**
 * Checks the precondition of a write.
 *
 * @param head returns the current object
 * @throws S3Error if the current object does not meet the condition
 */
export function checkCondition(
  { isNew, match }: WriteCondition,
  key: string,
  head: () => ObjectFacts | undefined,
): void {
  if (isNew && head()) throw preconditionFailed("If-None-Match");
  if (match === undefined) return;
  const present = head();
  if (!present) throw noSuchKey(key);
  if (!names(match, present.etag)) throw preconditionFailed("If-Match");
}
