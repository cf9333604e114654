import type { UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { type Item, SETS } from "./dynamo-item.ts";
import type { RowMark } from "./store.ts";

/**
 * A mark as DynamoDB's update of one item.
 *
 * @param expires time to live of a row that the mark may make, in epoch seconds
 */
export function markUpdate(
  change: RowMark,
  expires: number | undefined,
): Pick<
  UpdateItemCommandInput,
  "UpdateExpression" | "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
> {
  const sets: string[] = [];
  const names: Record<string, string> = {};
  const values: Item = {};
  const conditions = change.upsert ? [] : ["attribute_exists(pk)"];
  if (change.state !== undefined) {
    sets.push("#state = :state");
    names["#state"] = "state";
    values[":state"] = { S: change.state };
  }
  if (change.aborted) {
    sets.push("#aborted = list_append(if_not_exists(#aborted, :none), :aborted)");
    names["#aborted"] = "aborted";
    values[":none"] = { L: [] };
    values[":aborted"] = { L: change.aborted.map((mark) => ({ S: mark })) };
  }
  if (change.dependents) {
    sets.push("#dependents = :yes");
    names["#dependents"] = "dependents";
    values[":yes"] = { BOOL: true };
  }
  if (expires !== undefined) {
    sets.push("#expires = :expires");
    names["#expires"] = "expires";
    values[":expires"] = { N: String(expires) };
  }
  if (change.fromAtMost !== undefined) {
    conditions.push("#from <= :most");
    names["#from"] = "from";
    values[":most"] = { N: String(change.fromAtMost) };
  }
  if (change.whileState !== undefined) {
    conditions.push("#state = :while");
    names["#state"] = "state";
    values[":while"] = { S: change.whileState };
  }
  const gathered: string[] = [];
  for (const name of SETS) {
    const elements = change.add?.[name];
    if (!elements || elements.length === 0) continue;
    gathered.push(`#${name} :${name}`);
    names[`#${name}`] = name;
    values[`:${name}`] = { SS: [...new Set(elements)] };
  }
  const update = [
    ...(sets.length > 0 ? [`SET ${sets.join(", ")}`] : []),
    ...(gathered.length > 0 ? [`ADD ${gathered.join(", ")}`] : []),
  ];
  return {
    UpdateExpression: update.join(" "),
    ...(conditions.length > 0 ? { ConditionExpression: conditions.join(" AND ") } : {}),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
}
