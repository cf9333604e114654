import type { LatencyKind } from "../latency/aws-figures.ts";

/** Operations that read items outside of a transaction. */
export const READS: ReadonlySet<string> = new Set(["GetItem", "BatchGetItem", "Query", "Scan"]);

/** Returns the kind of an operation in the latency model. */
export function latencyKindOf(operation: string): LatencyKind {
  if (operation.startsWith("Transact")) return "dynamodbTransaction";
  if (operation === "BatchWriteItem") return "dynamodbBatchWrite";
  return READS.has(operation) || /^(?:Describe|List)/.test(operation) ? "dynamodbRead" : "dynamodbWrite";
}

/** Returns the partition keys in a request to tables whose partition key is named `pk`, as in fantail's tables. */
export function partitionsIn(body: string): string[] {
  const named = body.matchAll(/":?pk":\{"S":"((?:[^"\\]|\\.)*)"\}/g);
  return [...new Set([...named].map(([, name = ""]) => name))];
}

/** Whether the answer to a read contains an item. */
export function foundSomething(body: string): boolean {
  return /"Item":|"Count":[1-9]|"Responses":\{(?:"[\w.-]+":\[\],)*"[\w.-]+":\[\{/.test(body);
}
