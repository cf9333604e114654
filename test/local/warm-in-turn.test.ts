import { describe, expect, it } from "vitest";
import { type Warmed, warmInTurn } from "../../client/local/lambda/warm-in-turn.ts";

/** Creates functions by name, with the number of environments wanted, and records the requests to them. */
function functionsThat(loaded: boolean, counts: Record<string, number>): { asked: string[]; functions: Warmed[] } {
  const asked: string[] = [];
  const functions = Object.entries(counts).map(([name, count]) => ({
    count,
    fn: {
      warm: async (upTo: number) => {
        asked.push(`${name} ${upTo}`);
        return loaded;
      },
    },
  }));
  return { asked, functions };
}

describe("environments started ahead", () => {
  it("one environment of each function is started ahead, and more only afterwards", async () => {
    const { asked, functions } = functionsThat(true, { scheduler: 1, report: 1, engine: 3, own: 0 });
    await warmInTurn(functions);
    expect(asked).toEqual(["scheduler 1", "report 1", "engine 1", "scheduler 1", "report 1", "engine 3"]);
  });

  it("no more environments are started ahead once one has ended instead of loading", async () => {
    const { asked, functions } = functionsThat(false, { scheduler: 1, engine: 3 });
    await warmInTurn(functions);
    expect(asked).toEqual(["scheduler 1", "engine 1"]);
  });
});
