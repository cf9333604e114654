import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { task } from "../../client/task.ts";
import { FantailError } from "../../lambdas/protocol/fantail-error.ts";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

/** Creates a stream that records its input. */
function anOutput(isTTY: boolean): { output: PassThrough & { isTTY: boolean }; text: () => string } {
  const chunks: string[] = [];
  const output = Object.assign(new PassThrough(), { isTTY });
  output.on("data", (chunk) => chunks.push(String(chunk)));
  return { output, text: () => chunks.join("") };
}

describe("waitInteractive", () => {
  it("waitInteractive writes plain lines without a terminal", async () => {
    const { view, cloud, clock } = aClient();
    const { output, text } = anOutput(false);
    const result = view.map((x: number) => x, [0, 1, 2, 3]);
    const waiting = result.waitInteractive({ output });
    await settle();
    cloud.end(result.jobId, 0, 3);
    await clock.advance(6000);
    expect(text()).toBe("3/4 after 5.0 s\n");
    cloud.end(result.jobId, 3, 4);
    expect(await clock.until(waiting)).toBe(true);
    expect(text()).toMatch(/^3\/4 after 5\.0 s\n4\/4 after 6\.\d s\n$/);
    expect(clock.pending).toBe(0);
  });

  it("waitInteractive draws a bar on a terminal", async () => {
    const { view, cloud, clock } = aClient();
    const { output, text } = anOutput(true);
    const result = view.map((x: number) => x, [0, 1]);
    const waiting = result.waitInteractive({ output });
    await settle();
    cloud.end(result.jobId, 0, 2);
    expect(await clock.until(waiting)).toBe(true);
    await settle();
    expect(text()).toContain("2/2");
    expect(text()).toContain("100%");
  });

  it("waitInteractive returns false on timeout, and does not reject for a failed task", async () => {
    const { view, cloud, clock } = aClient();
    const { output } = anOutput(false);
    const result = view.map((x: number) => x, [0]);
    expect(await clock.until(result.waitInteractive({ output, timeoutMs: 100 }))).toBe(false);
    cloud.end(result.jobId, 0, 1, () => {
      throw new Error("no");
    });
    expect(await clock.until(result.waitInteractive({ output }))).toBe(true);
  });
});

describe("task()", () => {
  it("outside a task, the error says that it works only inside one", () => {
    expect(() => task()).toThrow(FantailError);
    expect(() => task()).toThrow(/only be called inside a task/);
  });
});
