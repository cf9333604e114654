import { invoke, refusal, send, untilNoted } from "../calls.ts";
import type { FidelityCloud, Probe } from "../fidelity-cloud.ts";

const environmentOf = async (cloud: FidelityCloud, name: string, event = {}, input = {}) =>
  (await invoke(cloud, name, event, input)).answer;

/** Ends an environment in some way. Describes the error, and whether another environment serves the next call. */
async function ended(cloud: FidelityCloud, name: string, how: string, errorOf: (answer: unknown) => string) {
  const before = await environmentOf(cloud, name);
  const { answer } = await invoke(cloud, name, { do: how });
  const after = await environmentOf(cloud, name);
  return `${errorOf(answer)}, environment ${after === before ? "kept" : "replaced"}`;
}

const field = (answer: unknown, name: string) => String((answer as Record<string, unknown> | undefined)?.[name]);

export const environmentProbes: Probe[] = [
  {
    row: "environments (cold starts)",
    aws: "idle one reused, one for each call at once",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html",
    observe: async (cloud) => {
      const first = await environmentOf(cloud, "plain");
      const reused = (await environmentOf(cloud, "plain")) === first;
      const nap = { do: "sleep", ms: 400 };
      const [one, other] = await Promise.all([environmentOf(cloud, "plain", nap), environmentOf(cloud, "plain", nap)]);
      return `idle one ${reused ? "reused" : "not reused"}, ${one === other ? "one for all calls" : "one for each call at once"}`;
    },
  },
  {
    row: "time-out",
    aws: "Task timed out after 1.00 seconds, environment replaced",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html",
    observe: (cloud) =>
      ended(cloud, "brief", "hang", (answer) => {
        const message = field(answer, "errorMessage");
        return /Task timed out after [\d.]+ seconds/.exec(message)?.[0] ?? message;
      }),
  },
  {
    row: "process that exits",
    aws: "Runtime.ExitError, environment replaced",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html",
    observe: (cloud) => ended(cloud, "plain", "exit", (answer) => field(answer, "errorType")),
  },
  {
    row: "call over reserved concurrency",
    aws: "TooManyRequestsException 429 ReservedFunctionConcurrentInvocationLimitExceeded",
    source: "https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html",
    observe: async (cloud) => {
      const nap = { do: "sleep", ms: 400 };
      const answers = await Promise.all([refusal(invoke(cloud, "alone", nap)), refusal(invoke(cloud, "alone", nap))]);
      return answers.find((answer) => answer !== "taken") ?? "taken";
    },
  },
  {
    row: "event over reserved concurrency",
    aws: "kept, run later",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html",
    observe: async (cloud) => {
      const busy = invoke(cloud, "alone", { do: "sleep", ms: 500 });
      await send(cloud, "alone", { note: "throttled" });
      await busy;
      return (await untilNoted(cloud, "throttled", 1, 20_000)).length === 1 ? "kept, run later" : "lost";
    },
  },
  {
    row: "tenant isolation",
    aws: "InvalidParameterValueException 400 without an id, environments apart",
    source: "https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html",
    observe: async (cloud) => {
      const without = await refusal(invoke(cloud, "isolated"));
      const a = await environmentOf(cloud, "isolated", {}, { TenantId: "a" });
      const b = await environmentOf(cloud, "isolated", {}, { TenantId: "b" });
      return `${without} without an id, environments ${a === b ? "shared" : "apart"}`;
    },
  },
];
