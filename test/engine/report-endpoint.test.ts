import { describe, expect, it } from "vitest";
import { LambdaReportEndpoint, reportClient } from "../../lambdas/adapters/report-endpoint.ts";
import type { EngineMessage } from "../../lambdas/protocol/report-messages.ts";
import { anAwsService, type Reply } from "./an-aws-service.ts";

const beat: EngineMessage = { type: "heartbeat", engine: 1, session: "s".repeat(16), nonce: "n".repeat(16), seq: 4 };

const ok = (answer: unknown): Reply => ({ status: 200, body: JSON.stringify(answer) });
const throttled: Reply = {
  status: 429,
  body: '{"Reason":"ReservedFunctionConcurrentInvocationLimitExceeded"}',
  headers: { "x-amzn-errortype": "TooManyRequestsException" },
};
const crashed: Reply = {
  status: 200,
  body: '{"errorType":"Runtime.ExitError"}',
  headers: { "x-amz-function-error": "Unhandled" },
};

/** Starts an endpoint that answers with the replies in order, and repeats the last one. */
async function anEndpoint(...replies: Reply[]) {
  const received: { path: string; message: unknown }[] = [];
  const service = await anAwsService(({ path, body }) => {
    received.push({ path, message: JSON.parse(body.toString()) });
    return (replies.length > 1 ? replies.shift() : replies[0]) ?? "lose";
  });
  const pauses: number[] = [];
  // Pauses end at once.
  const after = (ms: number, callback: () => void) => {
    pauses.push(ms);
    callback();
    return () => {};
  };
  const clock = { now: () => 0, after };
  return { endpoint: new LambdaReportEndpoint(reportClient(service), "report", clock), received, pauses };
}

describe("the report endpoint", () => {
  it("the report endpoint invokes its function and returns the answer", async () => {
    const { endpoint, received } = await anEndpoint(ok({ type: "alive", aborting: [[1, 3]] }));
    expect(await endpoint.send(beat)).toEqual({ type: "alive", aborting: [[1, 3]] });
    expect(received).toEqual([{ path: "/2015-03-31/functions/report/invocations", message: beat }]);
  });

  for (const [label, reply] of [
    ["whose answer is lost", "lose"],
    ["that is throttled", throttled],
    ["at which the function crashes", crashed],
  ] as const)
    it(`the report endpoint repeats a message ${label} unchanged`, async () => {
      const { endpoint, received } = await anEndpoint(reply, ok({ type: "idle" }));
      expect(await endpoint.send(beat)).toEqual({ type: "idle" });
      expect(received.map(({ message }) => message)).toEqual([beat, beat]);
    });

  it("the report endpoint gives up on a function that fails permanently, and reports its error", async () => {
    const { endpoint, received, pauses } = await anEndpoint(crashed);
    await expect(endpoint.send(beat)).rejects.toMatchObject({
      code: "ClusterError",
      message: expect.stringContaining("Runtime.ExitError"),
    });
    expect(received.length).toBeGreaterThan(3);
    // Each pause is drawn from a range around twice the one before.
    expect(pauses).toHaveLength(received.length - 1);
    for (const [at, ms] of pauses.entries()) expect(Math.abs(ms - 100 * 2 ** at)).toBeLessThanOrEqual(50 * 2 ** at);
  });

  it("the report endpoint rejects an invalid answer", async () => {
    const { endpoint } = await anEndpoint(ok({ type: "error", message: "no such endpoint" }));
    await expect(endpoint.send(beat)).rejects.toThrow("no such endpoint");
  });

  it("the report endpoint stops retrying when its signal is aborted", async () => {
    const { endpoint } = await anEndpoint(crashed);
    const call = new AbortController();
    const sent = endpoint.send(beat, call.signal);
    call.abort();
    await expect(sent).rejects.toThrow();
  });
});
