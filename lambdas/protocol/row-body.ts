import * as v from "valibot";
import { isRecord } from "./record.ts";
import type { RowKey } from "./rows.ts";
import { UnreadableRow } from "./unreadable-row.ts";

/** The format of bodies that this version of fantail writes, and the only one it reads. A body that names none has format 1. */
const FORMAT = 1;
/** Where a body of a later format names it. No kind of row has a field of this name. */
const FORMAT_KEY = "$format";

/** A row's key and its body: JSON text that only the codec of its kind reads and writes. */
export interface BodyRow extends RowKey {
  readonly body: string;
}

/** The body of a row that says all in its key. */
export const KEY_ONLY = "{}";

/** How the body of one kind of row is written and read. */
export interface BodyCodec<T> {
  encode(value: T): string;
  /** @throws UnreadableRow for a body of a newer version, or one that is damaged */
  parse(row: BodyRow): T;
}

/** The codec of bodies that a schema describes. */
export function bodyCodec<T>(schema: v.GenericSchema<unknown, T>): BodyCodec<T> {
  return {
    encode: (value) => JSON.stringify(value),
    parse: (row) =>
      parseBody(row, (content) => {
        const { success, output, issues } = v.safeParse(schema, content, { abortEarly: true });
        if (success) return output;
        const [issue] = issues;
        throw new Damage(`${v.getDotPath(issue) ?? "its body"}: ${issue.message}`);
      }),
  };
}

/**
 * Reads a body.
 *
 * @param read gives the value that the content stands for, and throws Damage for content that stands for none
 * @throws UnreadableRow for a body of a newer version, or one that is damaged
 */
export function parseBody<T>(row: BodyRow, read: (content: unknown) => T): T {
  let content: unknown;
  try {
    content = JSON.parse(row.body);
  } catch (cause) {
    throw new UnreadableRow(row, "it is damaged: its body is not JSON", { cause });
  }
  const format = isRecord(content) && content[FORMAT_KEY] !== undefined ? content[FORMAT_KEY] : FORMAT;
  if (format !== FORMAT)
    throw new UnreadableRow(
      row,
      `it has format ${JSON.stringify(format)}, and this version of fantail reads format ${FORMAT}: update fantail`,
      { isNewer: true },
    );
  try {
    return read(content);
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause;
    throw new UnreadableRow(row, `it is damaged: ${cause.message}`, { cause });
  }
}

/** What is wrong with the content of a body. */
export class Damage extends Error {}

/** @throws Damage unless the content is whole */
export function expectWhole(isWhole: boolean, what: string): asserts isWhole {
  if (!isWhole) throw new Damage(what);
}

/** Whether the value is a number of things: whole, and not negative. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

/** Whether the value is a number that may be left out. */
export function isNumberOrAbsent(value: unknown): value is number | undefined {
  return value === undefined || typeof value === "number";
}

/** Whether the value is a text that may be left out. */
export function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}
