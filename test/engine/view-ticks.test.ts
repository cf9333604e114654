import { describe, expect, it } from "vitest";
import { ViewTicks } from "../../lambdas/engine/supervisor/view-ticks.ts";
import { settle, VirtualClock } from "../client/virtual-clock.ts";

/** Creates the ticks of a session; `sent` has the task in whose name each was sent. */
function someTicks(answer: (parent: string) => Promise<unknown> = async (parent) => `for ${parent}`) {
  const clock = new VirtualClock();
  const sent: string[] = [];
  const ticks = new ViewTicks((parent) => {
    sent.push(parent);
    return answer(parent);
  }, clock);
  return { clock, sent, ticks };
}

describe("the ticks of tasks' views", () => {
  it("the first is sent at once; those that follow within a second share one", async () => {
    const { clock, sent, ticks } = someTicks();
    expect(await ticks.tick("a")).toBe("for a");
    const shared = [ticks.tick("b"), ticks.tick("c"), ticks.tick("d")];
    await clock.advance(990);
    expect(sent).toEqual(["a"]);
    await clock.advance(10);
    expect(sent).toEqual(["a", "d"]);
    expect(await Promise.all(shared)).toEqual(["for d", "for d", "for d"]);
  });

  it("a tick that is asked for while another is in flight is sent after it, because what is due may be newer", async () => {
    let answer = (_: unknown) => {};
    const { clock, sent, ticks } = someTicks(() => new Promise((resolve) => (answer = resolve)));
    void ticks.tick("a");
    await settle();
    const second = ticks.tick("b");
    await clock.advance(5000);
    expect(sent).toEqual(["a"]);
    answer("first");
    await settle();
    expect(sent).toEqual(["a", "b"]);
    answer("second");
    expect(await second).toBe("second");
  });

  it("a failed tick rejects for those that asked for it, and the next is sent", async () => {
    const { clock, sent, ticks } = someTicks((parent) =>
      parent === "a" ? Promise.reject(new Error("no")) : Promise.resolve("yes"),
    );
    await expect(ticks.tick("a")).rejects.toThrow("no");
    expect(await clock.until(ticks.tick("b"))).toBe("yes");
    expect(sent).toEqual(["a", "b"]);
  });

  it("a session that is over sends no more", async () => {
    const { clock, sent, ticks } = someTicks();
    await ticks.tick("a");
    const late = ticks.tick("b");
    ticks.close();
    await expect(late).rejects.toThrow("the session is over");
    await clock.advance(5000);
    expect(sent).toEqual(["a"]);
  });
});
