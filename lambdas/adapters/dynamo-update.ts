import type { UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import type { Item } from "./dynamo-item.ts";
import { ROW_SETS, type RowUpdate, type UpdateCondition } from "./store.ts";

type Expression = Pick<
  UpdateItemCommandInput,
  "UpdateExpression" | "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
>;

/** The placeholders of an expression, with the names and values that they refer to. */
interface Terms {
  names: Record<string, string>;
  values: Item;
}

/**
 * Translates an update of a row into DynamoDB's update of one item.
 *
 * @param expires time to live of a row that the update may create, in epoch seconds
 */
export function updateExpression(update: RowUpdate, expires: number | undefined): Expression {
  const terms: Terms = { names: {}, values: {} };
  const sets = assignments(update, expires, terms);
  const gathered = additions(update, terms);
  const conditions = [
    ...(update.mayCreate ? [] : ["attribute_exists(pk)"]),
    ...(update.only ? conditionsOf(update.only, terms) : []),
  ];
  const clauses = [
    ...(sets.length > 0 ? [`SET ${sets.join(", ")}`] : []),
    ...(gathered.length > 0 ? [`ADD ${gathered.join(", ")}`] : []),
  ];
  return {
    UpdateExpression: clauses.join(" "),
    ...(conditions.length > 0 ? { ConditionExpression: conditions.join(" AND ") } : {}),
    ExpressionAttributeNames: terms.names,
    ExpressionAttributeValues: terms.values,
  };
}

/** The attributes that the update replaces. */
function assignments(update: RowUpdate, expires: number | undefined, { names, values }: Terms): string[] {
  const sets: string[] = [];
  if (update.state !== undefined) {
    sets.push("#state = :state");
    names["#state"] = "state";
    values[":state"] = { S: update.state };
  }
  if (update.aborted) {
    sets.push("#aborted = list_append(if_not_exists(#aborted, :none), :aborted)");
    names["#aborted"] = "aborted";
    values[":none"] = { L: [] };
    values[":aborted"] = { L: update.aborted.map((range) => ({ S: range })) };
  }
  if (update.dependents) {
    sets.push("#dependents = :yes");
    names["#dependents"] = "dependents";
    values[":yes"] = { BOOL: true };
  }
  if (expires !== undefined) {
    sets.push("#expires = :expires");
    names["#expires"] = "expires";
    values[":expires"] = { N: String(expires) };
  }
  return sets;
}

/** What the update adds to the row's sets and to `spent`. */
function additions({ add, spent }: RowUpdate, { names, values }: Terms): string[] {
  const gathered: string[] = [];
  if (spent !== undefined) {
    gathered.push("#spent :spent");
    names["#spent"] = "spent";
    values[":spent"] = { N: String(spent) };
  }
  for (const name of ROW_SETS) {
    const elements = add?.[name];
    if (!elements || elements.length === 0) continue;
    gathered.push(`#${name} :${name}`);
    names[`#${name}`] = name;
    values[`:${name}`] = { SS: [...new Set(elements)] };
  }
  return gathered;
}

function conditionsOf({ inState, cursorAtMost }: UpdateCondition, { names, values }: Terms): string[] {
  const conditions: string[] = [];
  if (cursorAtMost !== undefined) {
    conditions.push("#from <= :most");
    names["#from"] = "from";
    values[":most"] = { N: String(cursorAtMost) };
  }
  if (inState !== undefined) {
    const allowed = inState.map((state, at) => [`:in${at}`, { S: state }] as const);
    conditions.push(`#state IN (${allowed.map(([name]) => name).join(", ")})`);
    names["#state"] = "state";
    Object.assign(values, Object.fromEntries(allowed));
  }
  return conditions;
}
