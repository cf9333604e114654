import fc from "fast-check";
import * as v from "valibot";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Session } from "../../lambdas/core/engine.ts";
import type { Lease } from "../../lambdas/core/lease.ts";
import type { EngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import { OnFailureRecord } from "../../lambdas/protocol/on-failure-record.ts";
import { EngineMessage } from "../../lambdas/protocol/report-messages.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import { SchedulerMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { parseTaskId } from "../../lambdas/protocol/task-id.ts";
import { BusyCluster } from "./busy-cluster.ts";
import { donorsOf, mutated, mutations } from "./mutation.ts";

/**
 * Hostile messages of each type: 10,000 with `npm run test:fuzz`, which takes half a minute of CPU; 300 in `npm
 * test`.
 */
const RUNS = Number(process.env.FANTAIL_FUZZ_RUNS ?? (process.env.npm_lifecycle_event === "test:fuzz" ? 10_000 : 300));
const SEED = Number(process.env.FANTAIL_FUZZ_SEED ?? 1);

let cluster: BusyCluster;
let untouched = "";
beforeAll(async () => {
  cluster = await BusyCluster.start();
  untouched = cluster.digest();
});
afterEach(() => expect("polluted" in {}).toBe(false));

const SCHEDULER = [
  "submit",
  "abort",
  "resubmit",
  "purge",
  "push",
  "pull",
  "tick",
  "sweep",
  "restarted",
  "scale",
  "drain",
  "queue",
  "status",
];
const REPORT = ["begin", "report", "heartbeat", "fetch", "park", "next", "settle", "ask", "read", "failure"];
/** These change nothing now: they only read, or (`next`) ask for a lease that was already granted. */
const READERS = ["pull", "queue", "status", "fetch", "read", "next"];

describe.each([
  ["scheduler", SCHEDULER],
  ["report", REPORT],
] as const)("at the %s endpoint", (endpoint, types) => {
  test.each(types.filter((type) => !READERS.includes(type)))("a valid %s does change the state", async (type) => {
    const answer = await cluster.say(endpoint, cluster.messages[endpoint][type]);
    expect(isRefusal(answer)).toBe(false);
    expect(type === "tick" || cluster.isTouched).toBe(true);
    expect(cluster.digest() !== untouched).toBe(type !== "tick");
    cluster.restore();
    expect(cluster.digest()).toBe(untouched);
  });

  test.each(types)(
    `${RUNS} hostile variants of the message %s are refused, and change nothing`,
    async (type) => {
      const valid = cluster.messages[endpoint][type];
      const forged = withSession(valid, "f".repeat(32));
      const donors = donorsOf(Object.values(cluster.messages).flatMap((messages) => Object.values(messages)));
      await fc.assert(
        fc.asyncProperty(mutations, fc.boolean(), async (changes, isForged) => {
          // The other fields of a failure record hardly matter, so its session is always wrong to begin with.
          const message = mutated(isForged || type === "failure" ? forged : valid, changes, donors);
          const answer = await cluster.say(endpoint, message);
          if (!isRefusal(answer) && !isEntitled(endpoint, message) && !isIdle(message, answer))
            expect.fail(`taken, and not refused: ${JSON.stringify(answer)}`);
          if (isRefusal(answer) || !isEntitled(endpoint, message)) {
            if (cluster.isTouched) expect.fail(`refused, and yet changed: ${cluster.changed()}`);
            return;
          }
          // The mutation took it from somebody who is entitled to send it, so it is not hostile.
          if (endpoint === "report") expectOwnOutcomes(message);
          cluster.restore();
          fc.pre(false);
        }),
        { numRuns: RUNS, seed: SEED },
      );
      expect(cluster.digest()).toBe(untouched);
    },
    300_000,
  );
});

/** Returns the message as sent by somebody without its session. Messages without a session are returned unchanged. */
function withSession(message: Record<string, unknown> | undefined, session: string): unknown {
  if (message && "session" in message) return { ...message, session };
  const payload = message?.requestPayload;
  return typeof payload === "object" ? { ...message, requestPayload: { ...payload, session } } : message;
}

/** Whether the endpoint refused the message. */
function isRefusal(answer: SchedulerAnswer | EngineAnswer): boolean {
  if (answer.type === "asked") return isRefusal(answer.answer);
  return answer.type === "error" || answer.type === "refused";
}

/**
 * Whether the sender may send this. A client may send anything well-formed; an engine only what concerns the session,
 * nonce, lease and tasks that it holds; Lambda only records of existing sessions.
 */
function isEntitled(endpoint: "scheduler" | "report", message: unknown): boolean {
  if (endpoint === "scheduler") return v.is(SchedulerMessage, message);
  if (v.is(OnFailureRecord, message)) {
    const { engine, session } = message.requestPayload;
    return sessionOf(engine)?.id === session;
  }
  return isOwn(message) && tellsOwn(message);
}

/**
 * Whether the answer is no refusal, but nothing is done: a failure of an unknown session, or something already
 * reported.
 */
function isIdle(message: unknown, answer: SchedulerAnswer | EngineAnswer): boolean {
  if (v.is(OnFailureRecord, message)) return answer.type === "idle";
  return isOwn(message) && (message.type === "settle" || message.type === "park");
}

/** Whether a message is well-formed and names the sender that the cluster takes it for. */
function isOwn(message: unknown): message is EngineMessage {
  if (!v.is(EngineMessage, message)) return false;
  const { type, engine, session, nonce }: Pick<EngineMessage, "type" | "engine" | "session" | "nonce"> = message;
  const held = sessionOf(engine);
  return held?.id === session && (held.nonce === nonce || (type === "begin" && held.nonce === undefined));
}

function tellsOwn(message: EngineMessage): boolean {
  const seq = sessionOf(message.engine)?.seq;
  const engine = cluster.engines.find(({ id }) => id === message.engine);
  const holds = (leases: readonly Lease[] = [], job: string | undefined, index: number) =>
    leases.some((lease) => lease.job === job && lease.ranges.some(({ from, to }) => index >= from && index < to));
  switch (message.type) {
    case "report": {
      const reported = [...message.entries.map(({ index }) => index), ...message.running];
      const [lease] = engine?.leases ?? [];
      const isOwn = reported.every((index) => holds(lease && [lease], lease?.job, index));
      return message.seq === seq && isOwn && new Set(reported).size === reported.length;
    }
    case "heartbeat":
    case "park":
      return message.seq === seq;
    case "settle":
      return holds(engine?.parked, message.job, message.entry.index);
    case "ask": {
      const { job, index } = parseTaskId(message.parent);
      return holds([...(engine?.leases ?? []), ...(engine?.parked ?? [])], job, index);
    }
    default:
      return true;
  }
}

function sessionOf(engine: number): Session | undefined {
  return cluster.engines.find(({ id }) => id === engine)?.session;
}

/**
 * Expects that a message in an engine's name has ended only that engine's tasks, and those that cannot run without
 * them.
 */
function expectOwnOutcomes(message: unknown): void {
  const { engine } = ((message as { requestPayload?: unknown }).requestPayload ?? message) as { engine: number };
  const pages = cluster.changed().flatMap((key) => /^job#(\w+)#\d+ o#/.exec(key)?.[1] ?? []);
  expect(cluster.mayEnd(engine)).toEqual(expect.arrayContaining(pages));
}
