import { describe, expect, it } from "vitest";
import { ViewTicks } from "../../lambdas/engine/supervisor/view-ticks.ts";
import type { SchedulerAnswer } from "../../lambdas/protocol/scheduler-answer.ts";
import { settle, VirtualClock } from "../client/virtual-clock.ts";

/** An answer with a text that tells it from others. */
const error = (message: string): SchedulerAnswer => ({ type: "error", code: "Test", message });

/** Creates the ticks of a session; `sent` has the task in whose name each was sent. */
function someTicks(answer: (parent: string) => Promise<SchedulerAnswer> = async (parent) => error(`for ${parent}`)) {
  const clock = new VirtualClock();
  const sent: string[] = [];
  const ticks = new ViewTicks((parent) => {
    sent.push(parent);
    return answer(parent);
  }, clock);
  return { clock, sent, ticks };
}

describe("the ticks of tasks' views", () => {
  it("the first tick of a task's view is sent at once, and later ones within a second share one", async () => {
    const { clock, sent, ticks } = someTicks();
    expect(await ticks.tick("a", true)).toEqual(error("for a"));
    const shared = [ticks.tick("b", true), ticks.tick("c", true), ticks.tick("d", true)];
    await clock.advance(990);
    expect(sent).toEqual(["a"]);
    await clock.advance(10);
    expect(sent).toEqual(["a", "d"]);
    expect(await Promise.all(shared)).toEqual([error("for d"), error("for d"), error("for d")]);
  });

  it("a tick that is asked for while another is in flight is sent after it, because what is due may be newer", async () => {
    let answer = (_: SchedulerAnswer) => {};
    const { clock, sent, ticks } = someTicks(() => new Promise((resolve) => (answer = resolve)));
    void ticks.tick("a", true);
    await settle();
    const second = ticks.tick("b", true);
    await clock.advance(5000);
    expect(sent).toEqual(["a"]);
    answer(error("first"));
    await settle();
    expect(sent).toEqual(["a", "b"]);
    answer(error("second"));
    expect(await second).toEqual(error("second"));
  });

  it("a failed tick rejects for those that asked for it, and the next is sent", async () => {
    const { clock, sent, ticks } = someTicks((parent) =>
      parent === "a" ? Promise.reject(new Error("no")) : Promise.resolve(error("yes")),
    );
    await expect(ticks.tick("a", true)).rejects.toThrow("no");
    expect(await clock.until(ticks.tick("b", true))).toEqual(error("yes"));
    expect(sent).toEqual(["a", "b"]);
  });

  it("an ended session sends no more ticks", async () => {
    const { clock, sent, ticks } = someTicks();
    await ticks.tick("a", true);
    const late = ticks.tick("b", true);
    ticks.close();
    await expect(late).rejects.toThrow("the engine's session ended before it could ask");
    await clock.advance(5000);
    expect(sent).toEqual(["a"]);
  });

  it("a tick for nothing that is due is held back for two seconds after news, and six after the last tick", async () => {
    const { clock, sent, ticks } = someTicks();
    const asked: number[] = [];
    const start = clock.now();
    for (let at = 0; at < 20_000; at += 100) {
      if (at < 10_000) ticks.news();
      const before = sent.length;
      const answer = await ticks.tick("a", false);
      if (sent.length > before) asked.push(clock.now() - start);
      else expect(answer).toMatchObject({ type: "ok", again: expect.any(Number) });
      await clock.advance(100);
    }
    expect(asked).toEqual([0, 6000, 11_900, 13_900, 15_900, 17_900, 19_900]);
  });

  it("a held-back tick is asked for again when it is needed, and a tick for what is due is sent at once", async () => {
    const { clock, sent, ticks } = someTicks();
    await ticks.tick("a", false);
    await clock.advance(1500);
    expect(await ticks.tick("b", false)).toEqual({ type: "ok", again: 500 });
    await ticks.tick("c", true);
    expect(sent).toEqual(["a", "c"]);
  });

  it("a tick that the scheduler asked for is sent at that time", async () => {
    const { clock, sent, ticks } = someTicks(async () => ({ type: "ok", again: 1500 }));
    await ticks.tick("a", false);
    await clock.advance(1000);
    expect(await ticks.tick("b", false)).toEqual({ type: "ok", again: 500 });
    await clock.advance(500);
    await ticks.tick("b", false);
    expect(sent).toEqual(["a", "b"]);
  });
});
