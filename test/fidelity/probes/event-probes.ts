import { named } from "../../local/a-stack.ts";
import { notes, roughly, send, untilNoted, untilSettled } from "../calls.ts";
import type { FidelityCloud, Probe } from "../fidelity-cloud.ts";

const ASYNC = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html";
/** Returns how long to wait for AWS's own delays on this cloud, plus 5 s for a busy machine. */
const patience = ({ hurried }: FidelityCloud, ms: number) => ms / (hurried?.times ?? 1) + 5_000;

/** Returns the intervals between notes, in milliseconds. */
function gaps(times: unknown[]): number[] {
  const at = times.map(Number).sort((a, b) => a - b);
  return at.slice(1).map((time, index) => time - (at[index] ?? time));
}

const untilGivenUp = (cloud: FidelityCloud) => untilNoted(cloud, "heard failing", 1, patience(cloud, 240_000));

interface FailureRecord {
  requestContext: { condition: string; approximateInvokeCount: number };
  requestPayload?: unknown;
  responsePayload?: unknown;
}

export const eventProbes: Probe[] = [
  {
    row: "retries of an event whose function fails",
    aws: "2",
    source: ASYNC,
    begin: (cloud) => send(cloud, "fails", { note: "failing", do: "fail" }),
    observe: async (cloud) => {
      await untilGivenUp(cloud);
      return String((await notes(cloud, "failing")).length - 1);
    },
  },
  {
    row: "delays before them",
    aws: "60 s, 120 s",
    source: ASYNC,
    observe: async (cloud) => {
      await untilGivenUp(cloud);
      return roughly((await cloud.hurried?.retryDelays()) ?? gaps(await notes(cloud, "failing")));
    },
  },
  {
    row: "on-failure record",
    aws: "RetriesExhausted, 3 runs, with request and response",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
    observe: async (cloud) => {
      const record = (await untilGivenUp(cloud))[0] as FailureRecord | undefined;
      if (!record) return "none";
      const { requestContext, requestPayload, responsePayload } = record;
      const parts = [requestPayload && "request", responsePayload && "response"].filter(Boolean).join(" and ");
      return `${requestContext.condition}, ${requestContext.approximateInvokeCount} runs, with ${parts}`;
    },
  },
  {
    row: "event for a function with no concurrency at all",
    aws: "given up at once",
    source: ASYNC,
    begin: (cloud) => send(cloud, "none", { note: "nowhere" }),
    observe: async (cloud) => {
      if ((await untilNoted(cloud, "heard nowhere", 1, 500)).length > 0) return "given up at once";
      return (await notes(cloud, "nowhere")).length > 0 ? "run" : "kept, tried again";
    },
  },
  {
    row: "function that calls itself without end",
    aws: "cut after 16 runs",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html",
    begin: (cloud) => send(cloud, "recurses", { note: "looping", do: "recurse", left: 24 }),
    observe: async (cloud) => {
      // It was started long ago, so everything that will run has run by now or does so soon.
      const runs = await untilSettled(cloud, "looping");
      return runs === 24 ? "not cut" : `cut after ${runs} runs`;
    },
  },
  {
    row: "deliveries of an event",
    aws: "now and then two",
    source: ASYNC,
    observe: async (cloud) => {
      await cloud.faults?.deliverTwice(named("plain"));
      await send(cloud, "plain", { note: "delivered" });
      const count = (await untilNoted(cloud, "delivered", 2, cloud.faults ? 20_000 : 2_000)).length;
      return cloud.faults && count === 2 ? "two when asked to" : count === 1 ? "one" : String(count);
    },
  },
  {
    row: "rule with rate(1 minute)",
    aws: "60 s",
    source: "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html",
    observe: async (cloud) => {
      const ticks = await untilNoted(cloud, "tick", 2, patience(cloud, 150_000));
      if (ticks.length < 2) return "does not fire";
      return roughly(cloud.hurried ? [cloud.hurried.ruleInterval()] : gaps(ticks.slice(0, 2)));
    },
  },
];
