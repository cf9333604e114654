import { describe, expect, test } from "vitest";
import {
  CLAIMABLE_STATES,
  canMove,
  JOB_MOVES,
  JOB_STATES,
  type JobMove,
  jobFacts,
  jobStateOf,
} from "../../lambdas/core/job-state.ts";

const moves: readonly JobMove[] = Object.values(JOB_MOVES);
const key = { pk: "job#01", sk: "job" };

describe("the table of a job's states", () => {
  test("every state can be reached from no row", () => {
    const reached = new Set<string>();
    for (let before = -1; before < reached.size; ) {
      before = reached.size;
      for (const { from, to } of moves)
        if (from.length === 0 || from.some((state) => reached.has(state))) reached.add(to);
    }
    expect([...reached].sort()).toEqual(Object.keys(JOB_STATES).sort());
  });

  test("only an open job's tasks can be claimed", () => {
    expect(CLAIMABLE_STATES).toEqual(["open"]);
  });

  test("no move leads from an ended job to one that has not ended", () => {
    for (const { from, to } of moves)
      for (const state of from) if (JOB_STATES[state].hasEnded) expect(JOB_STATES[to].hasEnded).toBe(true);
  });

  test("a purged job never becomes available again", () => {
    for (const { from, to } of moves)
      for (const state of from) if (!JOB_STATES[state].isKnown) expect(JOB_STATES[to].isKnown).toBe(false);
  });

  test("a move is possible only from the states on its left side", () => {
    expect(canMove(JOB_MOVES.complete, "submitting")).toBe(true);
    expect(canMove(JOB_MOVES.complete, "open")).toBe(false);
    expect(canMove(JOB_MOVES.begin, "open")).toBe(false);
  });
});

describe("the state in a row", () => {
  test("a row's state is read if the table has it", () => {
    expect(jobStateOf({ ...key, state: "open" })).toBe("open");
    expect(jobFacts({ ...key, state: "closed" })).toMatchObject({ hasEnded: true, canAbort: false });
  });

  test.each(["paused", "", undefined, "constructor"])(
    "a row with the state %j is refused with the row's key",
    (state) => {
      expect(() => jobStateOf({ ...key, state })).toThrow(
        expect.objectContaining({ code: "UnreadableRow", key, message: expect.stringContaining("job#01 / job") }),
      );
    },
  );
});
