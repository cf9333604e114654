import { describe, expect, it } from "vitest";
import { doorClient, LambdaDoor } from "../../lambdas/adapters/door.ts";
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

/** A door behind which the replies are given in turn, the last one for ever. */
async function aDoor(...replies: Reply[]) {
  const received: { path: string; message: unknown }[] = [];
  const service = await anAwsService(({ path, body }) => {
    received.push({ path, message: JSON.parse(body.toString()) });
    return (replies.length > 1 ? replies.shift() : replies[0]) ?? "lose";
  });
  return { door: new LambdaDoor(doorClient(service), "report"), received };
}

describe("the door", () => {
  it("invokes its function and gives the answer", async () => {
    const { door, received } = await aDoor(ok({ type: "alive", aborting: [[1, 3]] }));
    expect(await door.send(beat)).toEqual({ type: "alive", aborting: [[1, 3]] });
    expect(received).toEqual([{ path: "/2015-03-31/functions/report/invocations", message: beat }]);
  });

  for (const [what, reply] of [
    ["whose answer is lost", "lose"],
    ["that is throttled", throttled],
    ["at which the function crashes", crashed],
  ] as const)
    it(`sends a message ${what} again, the same`, async () => {
      const { door, received } = await aDoor(reply, ok({ type: "idle" }));
      expect(await door.send(beat)).toEqual({ type: "idle" });
      expect(received.map(({ message }) => message)).toEqual([beat, beat]);
    });

  it("gives up a function that fails for good, and says what it said", async () => {
    const { door, received } = await aDoor(crashed);
    await expect(door.send(beat)).rejects.toMatchObject({
      code: "ClusterError",
      message: expect.stringContaining("Runtime.ExitError"),
    });
    expect(received.length).toBeGreaterThan(3);
  });

  it("takes no answer that is none", async () => {
    const { door } = await aDoor(ok({ type: "error", message: "no such door" }));
    await expect(door.send(beat)).rejects.toThrow("no such door");
  });

  it("gives up when told to", async () => {
    const { door } = await aDoor(crashed);
    const call = new AbortController();
    const sent = door.send(beat, call.signal);
    call.abort();
    await expect(sent).rejects.toThrow();
  });
});
