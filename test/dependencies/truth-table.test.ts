import { describe, expect, test } from "vitest";
import { expectRest } from "../scheduler/sound.ts";
import { aJob, type Behaviour } from "../simulation/a-job.ts";
import { World } from "../simulation/world.ts";
import { on, outcome, submitted, waitingJob } from "./waiting.ts";

type End = "ok" | "error";

/**
 * What happens to the dependent, and the number of the parent whose end decides it. Parents end one after the other.
 */
interface Cell {
  is: "runs" | "impossible";
  when: 0 | 1 | 2;
}
const runs = (when: Cell["when"]): Cell => ({ is: "runs", when });
const impossible = (when: Cell["when"]): Cell => ({ is: "impossible", when });

interface TableRow {
  row: string;
  parents: [End, End, End];
  all: boolean;
  success: Cell;
  both: Cell;
  failure: Cell;
}

/** The truth table of ipyparallel's dependencies. */
const TABLE: TableRow[] = [
  {
    row: "all succeed, all",
    parents: ["ok", "ok", "ok"],
    all: true,
    success: runs(2),
    both: runs(2),
    failure: impossible(0),
  },
  {
    row: "all succeed, any",
    parents: ["ok", "ok", "ok"],
    all: false,
    success: runs(0),
    both: runs(0),
    failure: impossible(2),
  },
  {
    row: "the second fails, all",
    parents: ["ok", "error", "ok"],
    all: true,
    success: impossible(1),
    both: runs(2),
    failure: impossible(0),
  },
  {
    row: "the second fails, any",
    parents: ["ok", "error", "ok"],
    all: false,
    success: runs(0),
    both: runs(0),
    failure: runs(1),
  },
  {
    row: "the first fails, all",
    parents: ["error", "ok", "ok"],
    all: true,
    success: impossible(0),
    both: runs(2),
    failure: impossible(1),
  },
  {
    row: "the first fails, any",
    parents: ["error", "ok", "ok"],
    all: false,
    success: runs(1),
    both: runs(0),
    failure: runs(0),
  },
  {
    row: "all fail, all",
    parents: ["error", "error", "error"],
    all: true,
    success: impossible(0),
    both: runs(2),
    failure: runs(2),
  },
  {
    row: "all fail, any",
    parents: ["error", "error", "error"],
    all: false,
    success: impossible(2),
    both: runs(0),
    failure: runs(0),
  },
];

const CELLS = TABLE.flatMap(({ row, parents, all, ...cells }) =>
  (["success", "both", "failure"] as const).map((by) => ({ row, parents, all, by, cell: cells[by] })),
);

/** When the parents end, in milliseconds from the start: far enough apart to see which one decided. */
const ENDS = [200, 400, 600] as const;
const SOON_MS = 100;

describe.each(["before", "after"] as const)(
  "the truth table of `after`, with the dependent submitted %s its parents end",
  (when) => {
    test.each(CELLS)("$row, by $by: $cell.is", async ({ parents, all, by, cell }) => {
      const world = new World({ engines: 4, sweeps: false });
      const tasks = parents.map((end, at): Behaviour => ({ do: end, ms: ENDS[at] ?? 0 }));
      const parent = aJob(1, world.clock.now(), { tasks });
      await submitted(world, parent);
      if (when === "after") await world.complete([parent], { ticks: false });
      const since = world.clock.now();
      const child = waitingJob(2, world.clock.now(), { after: [on(parent, { all, by })] });
      await submitted(world, child);
      await world.complete(world.jobs, { ms: 5000, ticks: false });
      const { entry, at } = outcome(world, child);
      if (cell.is === "runs") expect(entry).toMatchObject({ status: "ok" });
      else
        expect(entry).toMatchObject({
          status: "impossible",
          error: {
            code: "ImpossibleDependency",
            dependency: expect.stringContaining(parent.header.id),
            reason: expect.stringMatching(/./),
          },
        });
      const decided = when === "after" ? since : (outcome(world, parent, cell.when).entry.completed ?? 0);
      expect(at).toBeGreaterThanOrEqual(Math.floor(decided));
      expect(at).toBeLessThan(decided + SOON_MS);
      expect(world.starts).toHaveLength(cell.is === "runs" ? 4 : 3);
      await expectRest(world);
    });
  },
);

describe("the truth table of `follow`, with its parents on one engine", () => {
  test.each(CELLS)("$row, by $by: $cell.is", async ({ parents, all, by, cell }) => {
    const world = new World({ engines: 3, sweeps: false });
    const tasks = parents.map((end): Behaviour => ({ do: end, ms: 50 }));
    const parent = aJob(1, world.clock.now(), { tasks, flags: { targets: [1] } });
    const child = waitingJob(2, world.clock.now(), { follow: on(parent, { all, by }) });
    await submitted(world, parent, child);
    await world.complete(world.jobs, { ms: 5000, ticks: false });
    const { entry, engine } = outcome(world, child);
    expect(entry.status).toBe(cell.is === "runs" ? "ok" : "impossible");
    if (cell.is === "runs") expect(engine).toBe(1);
    await expectRest(world);
  });
});

describe("`follow` of parents on different engines", () => {
  test.each([
    ["all of successes, by success", "ok", true, "success", "impossible"],
    ["all of successes, by both", "ok", true, "both", "impossible"],
    ["all of failures, by both", "error", true, "both", "impossible"],
    ["any of successes", "ok", false, "success", "ok"],
    ["any of failures, by failure", "error", false, "failure", "ok"],
  ] as const)("a `follow` of parents on different engines: %s", async (_, end, all, by, status) => {
    const world = new World({ engines: 3, sweeps: false });
    const tasks: Behaviour[] = [100, 100].map((ms) => ({ do: end, ms }));
    const parent = aJob(1, world.clock.now(), { tasks });
    const child = waitingJob(2, world.clock.now(), { follow: on(parent, { all, by }) });
    await submitted(world, parent);
    await submitted(world, child);
    await world.complete(world.jobs, { ms: 5000, ticks: false });
    const ran = world.starts.filter(({ job }) => job === parent.header.id).map(({ engine }) => engine);
    expect(new Set(ran).size).toBe(2);
    const { entry, engine } = outcome(world, child);
    expect(entry.status).toBe(status);
    if (status === "ok") expect(ran).toContain(engine);
    else expect(entry.error).toMatchObject({ code: "ImpossibleDependency", reason: expect.stringContaining("engine") });
    await expectRest(world);
  });

  test("when `after` and `follow` are both given, either being impossible fails the task", async () => {
    for (const failing of ["after", "follow"]) {
      const world = new World({ engines: 2, sweeps: false });
      const good = aJob(1, world.clock.now(), { tasks: [{ do: "ok", ms: 20 }] });
      const bad = aJob(2, world.clock.now(), { tasks: [{ do: "error", ms: 20 }] });
      const child = waitingJob(3, world.clock.now(), {
        after: [on(failing === "after" ? bad : good)],
        follow: on(failing === "after" ? good : bad),
      });
      await submitted(world, good, bad, child);
      await world.complete(world.jobs, { ms: 5000, ticks: false });
      expect(outcome(world, child).entry.status).toBe("impossible");
      await expectRest(world);
    }
  });
});
