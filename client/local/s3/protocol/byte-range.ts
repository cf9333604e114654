import { S3Error } from "./s3-error.ts";

/** Bytes `start` to `end`, inclusive, as in a Range header. */
export interface ByteRange {
  start: number;
  end: number;
}

const RANGE = /^bytes=(\d*)-(\d*)$/;

/**
 * Parses a Range header for an object of `size` bytes. Returns undefined for the whole object: S3 ignores a header that
 * is malformed or asks for several ranges.
 *
 * @throws S3Error InvalidRange if the range lies outside the object
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, first = "", last = ""] = RANGE.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") return satisfiable({ start: Math.max(0, size - Number(last)), end: size - 1 }, header, size);
  if (last !== "" && Number(last) < Number(first)) return undefined;
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return satisfiable({ start: Number(first), end }, header, size);
}

function satisfiable(range: ByteRange, header: string | undefined, size: number): ByteRange {
  if (range.start <= range.end) return range;
  throw new S3Error("InvalidRange", "The requested range is not satisfiable", {
    RangeRequested: header ?? "",
    ActualObjectSize: size,
  });
}
