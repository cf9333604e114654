import { itemOf } from "../../lambdas/adapters/dynamo-item.ts";
import { updateExpression } from "../../lambdas/adapters/dynamo-update.ts";
import type { Listing, RowUpdate } from "../../lambdas/adapters/store.ts";
import type { Row, RowKey } from "../../lambdas/protocol/rows.ts";

/** DynamoDB's limits for one item, in bytes of UTF-8. */
const PARTITION_KEY_BYTES = 2048;
const SORT_KEY_BYTES = 1024;
const ITEM_BYTES = 409_600;

/** DynamoDB's answer to an invalid request, which has changed nothing. */
class ValidationException extends Error {
  override readonly name = "ValidationException";
}

/** @throws ValidationException if the partition's name is empty or too long */
function checkPartition(pk: string): void {
  if (pk === "") throw new ValidationException("the partition key is empty");
  if (bytes(pk) > PARTITION_KEY_BYTES) throw new ValidationException("the partition key is longer than 2048 bytes");
}

/** @throws ValidationException if no row can have this key */
export function checkKey({ pk, sk }: RowKey): void {
  checkPartition(pk);
  if (sk === "") throw new ValidationException("the sort key is empty");
  if (bytes(sk) > SORT_KEY_BYTES) throw new ValidationException("the sort key is longer than 1024 bytes");
}

/** @throws ValidationException if the row cannot be stored */
export function checkRow(row: Row): void {
  checkKey(row);
  checkCount(row.from, row.to, row.rev, row.load, row.spent, row.expires);
  // Skip most rows, which are far below the limit whatever their characters.
  if (row.body.length < ITEM_BYTES / 10 && !row.aborted && !row.ok && !row.bad && !row.opened && !row.purged) return;
  const item = itemOf(row);
  let size = 0;
  for (const [name, value] of Object.entries(item)) {
    size += bytes(name);
    if (value.S !== undefined) size += bytes(value.S);
    if (value.N !== undefined) size += 2 + Math.ceil(value.N.length / 2);
    if (value.SS) for (const text of value.SS) size += bytes(text);
    if (value.L) size += 3 + value.L.reduce((sum, one) => sum + 1 + bytes(one.S ?? ""), 0);
    if (value.BOOL !== undefined) size += 1;
  }
  if (size > ITEM_BYTES) throw new ValidationException(`the item has ${size} bytes, more than ${ITEM_BYTES}`);
}

/** @throws ValidationException if a number of positions is invalid */
export function checkCount(...counts: (number | undefined)[]): void {
  for (const count of counts) if (count !== undefined) checkNumber(count);
}

/**
 * @throws ValidationException if a change is empty, has a value that no attribute can store, or a condition without a
 * state
 */
export function checkUpdate(change: RowUpdate): void {
  const { UpdateExpression = "", ExpressionAttributeValues = {} } = updateExpression(change, undefined);
  if (UpdateExpression === "") throw new ValidationException("the update is empty");
  if (change.only?.inState?.length === 0) throw new ValidationException("the condition names no state");
  for (const { N } of Object.values(ExpressionAttributeValues)) if (N !== undefined) checkNumber(Number(N));
}

/** @throws ValidationException if no part of a partition is like this */
export function checkListing(pk: string, { from, to, limit }: Listing): void {
  checkPartition(pk);
  for (const sk of [from, to]) if (sk !== undefined) checkKey({ pk, sk });
  if (from !== undefined && to !== undefined && compareTexts(from, to) > 0)
    throw new ValidationException("the range ends before it starts");
  if (limit !== undefined && !(limit >= 1)) throw new ValidationException(`a limit of ${limit}`);
}

/** Compares sort keys by their UTF-8 bytes, in which characters of two UTF-16 units come last. */
export function compareTexts(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  return rank(a, at) - rank(b, at);
}

function rank(text: string, at: number): number {
  if (at >= text.length) return -1;
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function checkNumber(number: number): void {
  if (!Number.isFinite(number) || Math.abs(number) >= 1e126)
    throw new ValidationException(`${number} is not a number that fits`);
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}
