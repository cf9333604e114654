import { InvalidQuery } from "../../lambdas/protocol/errors.ts";
import { matchesGlob } from "./glob.ts";

/**
 * A value to compare a field with. Dates are compared by time; a number compared with a date means epoch milliseconds.
 */
export type Operand = string | number | boolean | Date | null;

/** Conditions on one field, all of which must hold. A bare value is `$eq`. */
export type FieldQuery = Operand | undefined | { [operator: string]: Operand | readonly Operand[] | undefined };

/** One validated condition. */
export interface Condition {
  key: string;
  operator: Operator;
  operand: Operand | readonly Operand[];
}

const OPERATORS = ["$eq", "$ne", "$lt", "$lte", "$gt", "$gte", "$in", "$nin", "$exists", "$glob"] as const;
type Operator = (typeof OPERATORS)[number];

/**
 * Parses a query into its conditions.
 *
 * @param keys the fields that records have
 * @throws InvalidQuery, which names an unknown key or operator, or an operand of the wrong kind
 */
export function parseQuery(query: Readonly<Record<string, FieldQuery>>, keys: readonly string[]): Condition[] {
  if (typeof query !== "object" || query === null || Array.isArray(query))
    throw new InvalidQuery("a query must be an object with a condition for each key");
  return Object.entries(query).flatMap(([key, asked]) => {
    if (!keys.includes(key)) throw new InvalidQuery(`unknown key ${key}; the keys of a record are ${keys.join(", ")}`);
    if (asked === undefined) return [];
    if (isOperand(asked)) return [{ key, operator: "$eq" as const, operand: asked }];
    if (typeof asked !== "object" || Array.isArray(asked))
      throw new InvalidQuery(
        `${key}: must be a value or an object of operators; for a list of values write { $in: [...] }`,
      );
    return Object.entries(asked).map(([operator, operand]) => condition(key, operator, operand));
  });
}

function condition(key: string, name: string, operand: unknown): Condition {
  const operator = OPERATORS.find((one) => one === name);
  if (!operator) throw new InvalidQuery(`${key}: unknown operator ${name}; the operators are ${OPERATORS.join(", ")}`);
  const wrong = (expected: string) => new InvalidQuery(`${key}: ${operator} must be ${expected}`);
  if (operator === "$in" || operator === "$nin") {
    if (!Array.isArray(operand) || !operand.every(isOperand))
      throw wrong("a list of strings, numbers, booleans, dates or null");
    return { key, operator, operand };
  }
  if (!isOperand(operand)) throw wrong("a string, number, boolean, date or null");
  if (operator === "$exists" && typeof operand !== "boolean") throw wrong("true or false");
  if (operator === "$glob" && typeof operand !== "string")
    throw wrong("a glob pattern, which may contain *, ?, [ab] and [!ab]");
  return { key, operator, operand };
}

function isOperand(value: unknown): value is Operand {
  return value === null || ["string", "number", "boolean"].includes(typeof value) || value instanceof Date;
}

/**
 * Whether a record meets every condition.
 *
 * An absent field equals null, and is neither less nor greater than anything. If the field is a list, one element that
 * meets the condition is enough; but `$ne` and `$nin` hold only if no element equals an excluded value.
 */
export function matches(record: object, conditions: readonly Condition[]): boolean {
  return conditions.every((one) => meets(Reflect.get(record, one.key), one));
}

function meets(field: unknown, { operator, operand }: Condition): boolean {
  if (operator === "$exists") return isPresent(field) === operand;
  if (operator === "$ne") return !anyOf(field, (value) => isEqual(value, operand));
  if (operator === "$nin") return !anyOf(field, (value) => isAmong(value, operand));
  return anyOf(field, (value) => compares(value, operator, operand));
}

function isPresent(field: unknown): boolean {
  return field !== undefined && field !== null;
}

function anyOf(field: unknown, test: (value: unknown) => boolean): boolean {
  return Array.isArray(field) ? field.some(test) : test(field);
}

function compares(value: unknown, operator: Operator, operand: Condition["operand"]): boolean {
  if (operator === "$eq") return isEqual(value, operand);
  if (operator === "$in") return isAmong(value, operand);
  if (operator === "$glob") return typeof value === "string" && matchesGlob(value, String(operand));
  const [a, b] = [plain(value), plain(operand)];
  const isSameKind =
    (typeof a === "number" && typeof b === "number") || (typeof a === "string" && typeof b === "string");
  if (!isSameKind) return false;
  if (operator === "$lt") return a < b;
  if (operator === "$lte") return a <= b;
  return operator === "$gt" ? a > b : a >= b;
}

function isEqual(value: unknown, operand: unknown): boolean {
  return plain(value) === plain(operand);
}

function isAmong(value: unknown, operands: Condition["operand"]): boolean {
  return Array.isArray(operands) && operands.some((operand) => isEqual(value, operand));
}

/** Normalizes a value for comparison: dates to numbers, undefined to null. */
function plain(value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  return value ?? null;
}
