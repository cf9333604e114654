import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Row, RowKey } from "../protocol/rows.ts";
import { ROW_SETS } from "./store.ts";

/** A row, or part of one, in DynamoDB's format. */
export type Item = Record<string, AttributeValue>;

const NUMBERS = ["from", "to", "rev", "load", "spent", "expires"] as const;

/** Converts a key to DynamoDB's format. */
export function keyItem({ pk, sk }: RowKey): Item {
  return { pk: { S: pk }, sk: { S: sk } };
}

/** Converts a row to DynamoDB's format. DynamoDB has no empty sets, so empty sets are left out. */
export function itemOf(row: Row): Item {
  const item: Item = { ...keyItem(row), body: { S: row.body } };
  for (const name of NUMBERS) {
    const value = row[name];
    if (value !== undefined) item[name] = { N: String(value) };
  }
  if (row.state !== undefined) item.state = { S: row.state };
  if (row.aborted !== undefined) item.aborted = { L: row.aborted.map((text) => ({ S: text })) };
  for (const name of ROW_SETS) {
    const elements = row[name];
    if (elements && elements.length > 0) item[name] = { SS: [...new Set(elements)] };
  }
  if (row.dependents) item.dependents = { BOOL: true };
  return item;
}

/** Converts an item from DynamoDB's format. */
export function rowOf(item: Item): Row {
  const row: Row = { pk: item.pk?.S ?? "", sk: item.sk?.S ?? "", body: item.body?.S ?? "" };
  for (const name of NUMBERS) {
    const value = item[name]?.N;
    if (value !== undefined) row[name] = Number(value);
  }
  if (item.state?.S !== undefined) row.state = item.state.S;
  if (item.aborted?.L) row.aborted = item.aborted.L.map((text) => text.S ?? "");
  for (const name of ROW_SETS) {
    const elements = item[name]?.SS;
    if (elements) row[name] = elements;
  }
  if (item.dependents?.BOOL) row.dependents = true;
  return row;
}
