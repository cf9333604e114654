import * as v from "valibot";
import { isRecord } from "./record.ts";
import type { RowKey } from "./rows.ts";
import { UnreadableRow } from "./unreadable-row.ts";

/** The only body format that this version of fantail writes and reads. A body that names no format has format 1. */
const FORMAT = 1;
/** Key of the format's number in bodies of later formats. No kind of row has a field of this name. */
const FORMAT_KEY = "$format";

/** A row's key and its body: JSON text that only the codec of its kind reads and writes. */
export interface BodyRow extends RowKey {
  readonly body: string;
}

/** The body of a row whose key holds all its data. */
export const KEY_ONLY = "{}";

/** Encodes and parses the body of one kind of row. */
export interface BodyCodec<T> {
  encode(value: T): string;
  /** @throws UnreadableRow for a body that is damaged, or from a newer version */
  parse(row: BodyRow): T;
}

/** Makes a codec from a schema. */
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
 * Parses a body.
 *
 * @param read converts the parsed content; throws Damage if the content is invalid
 * @throws UnreadableRow for a body that is damaged, or from a newer version
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
      `it has format ${JSON.stringify(format)}, but this version of fantail only reads format ${FORMAT}: update fantail`,
      { isNewer: true },
    );
  try {
    return read(content);
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause;
    throw new UnreadableRow(row, `it is damaged: ${cause.message}`, { cause });
  }
}

/** Thrown for invalid content of a body; the message says what is wrong. */
export class Damage extends Error {}

/**
 * Asserts that the content is valid.
 *
 * @throws Damage if it is not
 */
export function expectWhole(isWhole: boolean, damage: string): asserts isWhole {
  if (!isWhole) throw new Damage(damage);
}

/** Whether the value is a whole number, 0 or more. */
export function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

/** Whether the value is a number or absent. */
export function isNumberOrAbsent(value: unknown): value is number | undefined {
  return value === undefined || typeof value === "number";
}

/** Whether the value is a string or absent. */
export function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}
