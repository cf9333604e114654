import type { UpdateItemCommandInput } from "@aws-sdk/client-dynamodb";
import { CLAIMABLE_STATES } from "../core/job-state.ts";
import type { Item } from "./dynamo-item.ts";

/** The part of an update that claims tasks, by their positions in a job or in a batch of requeued tasks. */
type Claim = Pick<
  UpdateItemCommandInput,
  "UpdateExpression" | "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"
>;

const STATES: Item = Object.fromEntries(CLAIMABLE_STATES.map((state, at) => [`:in${at}`, { S: state }]));
const GIVES_TASKS = `#state IN (${Object.keys(STATES).join(", ")})`;
const HAS_TASKS_LEFT = "#from < #to";

/** Claims up to `count` of a job's tasks, if the job's state allows it and its cursor is not at the end. */
export function jobClaim(count: number): Claim {
  return {
    UpdateExpression: "SET #from = #from + :count",
    ConditionExpression: `${GIVES_TASKS} AND ${HAS_TASKS_LEFT}`,
    ExpressionAttributeNames: { "#from": "from", "#to": "to", "#state": "state" },
    ExpressionAttributeValues: { ":count": number(count), ...STATES },
  };
}

const IS_UNCLAIMED = "attribute_not_exists(#from)";
const HAS_REQUEUED_LEFT = "#from < :size";

/**
 * Claims up to `count` of the `size` tasks that were requeued together, if any are left. The first claim creates the
 * row.
 *
 * @param expires time to live of a row that the claim creates, in epoch seconds
 */
export function requeuedClaim(count: number, size: number, expires: number | undefined): Claim {
  const values: Item = { ":count": number(count), ":size": number(size), ":zero": number(0) };
  const kept = expires === undefined ? "" : ", #expires = :expires";
  return {
    UpdateExpression: `SET #from = if_not_exists(#from, :zero) + :count, #to = :size${kept}`,
    ConditionExpression: `${IS_UNCLAIMED} OR ${HAS_REQUEUED_LEFT}`,
    ExpressionAttributeNames: {
      "#from": "from",
      "#to": "to",
      ...(expires === undefined ? {} : { "#expires": "expires" }),
    },
    ExpressionAttributeValues: { ...values, ...(expires === undefined ? {} : { ":expires": number(expires) }) },
  };
}

/** Makes a claim also add nano-dollars to the job's spending. */
export function withSpending(claim: Claim, spent: number): Claim {
  return {
    ...claim,
    UpdateExpression: `${claim.UpdateExpression} ADD #spent :spent`,
    ExpressionAttributeNames: { ...claim.ExpressionAttributeNames, "#spent": "spent" },
    ExpressionAttributeValues: { ...claim.ExpressionAttributeValues, ":spent": number(spent) },
  };
}

function number(value: number): { N: string } {
  return { N: String(value) };
}
