import { QueryCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, type InvokeCommandInput } from "@aws-sdk/client-lambda";
import { vi } from "vitest";
import { named } from "../local/a-stack.ts";
import type { FidelityCloud } from "./fidelity-cloud.ts";
import { NOTES } from "./probe-stack.ts";

/** Invokes a function of the probe stack. Returns its answer, or the error with which it ended. */
export async function invoke(
  { lambda }: Pick<FidelityCloud, "lambda">,
  name: string,
  event: unknown = {},
  input: Partial<InvokeCommandInput> = {},
): Promise<{ answer: unknown; failed: boolean }> {
  const output = await lambda.send(
    new InvokeCommand({ FunctionName: named(name), Payload: JSON.stringify(event), ...input }),
  );
  const text = output.Payload?.transformToString() ?? "";
  return { answer: text === "" ? undefined : JSON.parse(text), failed: output.FunctionError !== undefined };
}

/** Sends an asynchronous event. */
export function send(cloud: FidelityCloud, name: string, event: unknown): Promise<unknown> {
  return invoke(cloud, name, event, { InvocationType: "Event" });
}

/** Returns what functions recorded under a name, ordered by their clocks. */
export async function notes({ dynamodb }: FidelityCloud, note: string): Promise<unknown[]> {
  const { Items = [] } = await dynamodb.send(
    new QueryCommand({
      TableName: NOTES,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: note } },
      ConsistentRead: true,
    }),
  );
  return Items.map(({ what: label }) => JSON.parse(label?.S ?? "null"));
}

/** Waits until there are `count` notes and returns them. Returns those that exist if time runs out. */
export async function untilNoted(cloud: FidelityCloud, note: string, count: number, ms: number): Promise<unknown[]> {
  let found: unknown[] = [];
  const enough = async () => {
    found = await notes(cloud, note);
    return found.length >= count ? true : undefined;
  };
  await vi.waitUntil(enough, { timeout: ms, interval: 50 }).catch(() => {});
  return found;
}

/** Waits until half a second passes without a new note. Returns their number. */
export async function untilSettled(cloud: FidelityCloud, note: string): Promise<number> {
  const before = (await notes(cloud, note)).length;
  const now = (await untilNoted(cloud, note, before + 1, 500)).length;
  return now === before ? now : untilSettled(cloud, note);
}

/** Returns how a call was refused, by name and status; "taken" if it was not. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "taken";
  } catch (error) {
    const { name, $metadata, Reason } = error as {
      name: string;
      $metadata?: { httpStatusCode?: number };
      Reason?: string;
    };
    return [name, $metadata?.httpStatusCode, Reason].filter((part) => part !== undefined).join(" ");
  }
}

/** Describes a limit, using one call just inside it and one just outside. */
export async function limit(label: string, inside: Promise<unknown>, outside: Promise<unknown>): Promise<string> {
  const [small, large] = await Promise.all([refusal(inside), refusal(outside)]);
  if (small !== "taken") return `less than ${label}: ${small}`;
  return large === "taken" ? `more than ${label} taken` : `${label}, then ${large}`;
}

const ROUND_SECONDS = [30, 60, 120, 300];

/**
 * Rounds intervals to the nearest usual figures, as in `60 s, 120 s`. Those that a busy machine may distort are only
 * given as "seconds".
 */
export function roughly(spansMs: number[]): string {
  const figures = spansMs.map((ms) => {
    if (ms < 20_000) return "seconds";
    const distance = (figure: number) => Math.abs(Math.log((figure * 1000) / ms));
    return `${ROUND_SECONDS.reduce((best, figure) => (distance(figure) < distance(best) ? figure : best))} s`;
  });
  return [...new Set(figures)].join(", ");
}
