import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { invocationTimes } from "../../lambdas/engine/rules/invocation-times.ts";
import type { RunLimits } from "../../lambdas/engine/rules/kill-at-timeout.ts";
import type { LeaseAction } from "../../lambdas/engine/rules/lease-action.ts";
import { LeaseClock, type LeaseTerms } from "../../lambdas/engine/rules/lease-clock.ts";
import type { LeaseSnapshot } from "../../lambdas/engine/rules/lease-snapshot.ts";
import { abortedTask } from "../../lambdas/engine/rules/stop-cause.ts";

/** An invocation of 100 s that begins at 0: `leaveAt` 50 s, `endsAt` 97.5 s, a grace of 1 s. */
const TIMES = invocationTimes(0, 100_000);
const NEVER = Number.POSITIVE_INFINITY;

type Terms = Partial<LeaseTerms> & RunLimits;

function aClock({ runTimeoutMs, deadlineAt, ...terms }: Terms = {}): LeaseClock {
  const limits = { runTimeoutMs, deadlineAt };
  return new LeaseClock(
    { times: TIMES, limits, aimMs: 30_000, isKept: false, mayAskAhead: false, isMoreWaiting: false, ...terms },
    0,
  );
}

/**
 * Returns a snapshot of a lease with many tasks: one has been running since 0, the others wait, and nothing is to
 * report.
 */
function aLook(now: number, more: Partial<LeaseSnapshot> = {}): LeaseSnapshot {
  return {
    now,
    running: { position: 0, startedAt: 0, isListening: false },
    hasWaiting: true,
    hasBegun: true,
    open: 10,
    unended: more.open ?? 10,
    hasNews: false,
    isFull: false,
    isReporting: false,
    joinedAt: undefined,
    meanMs: undefined,
    roundTripMs: undefined,
    memoryExceeded: undefined,
    memoryAt: NEVER,
    ...more,
  };
}

const LISTENING = { position: 0, startedAt: 0, isListening: true };
/** Tasks of 5 ms, and a round trip that takes as long as six of them. */
const PACE = { meanMs: 5, roundTripMs: 30 };
const SHORT_TASKS = { mayAskAhead: true, isMoreWaiting: true };
const LAST_ONE = { hasWaiting: false, open: 1 };

/** Describes an action in a few words. */
function inWords(action: LeaseAction): string {
  switch (action.type) {
    case "stop":
      return `stop ${action.position}: ${action.cause.error.code}`;
    case "endWaiting":
      return `endWaiting: ${action.cause.error.code}`;
    case "report":
      return action.asksForMore ? "report and ask" : "report";
    default:
      return action.type;
  }
}

/** Returns the actions that a clock demands for one snapshot after another. */
function said(clock: LeaseClock, ...looks: LeaseSnapshot[]): string[][] {
  return looks.map((look) => clock.actions(look).map(inWords));
}

/** A moment of a lease, and the actions to take then. */
type Row = [name: string, terms: Terms, look: LeaseSnapshot, actions: string[]];

describe("the action of a lease's clock at one moment", () => {
  const timeLimits: Row[] = [
    ["nothing while a task is within its limits", { runTimeoutMs: 400 }, aLook(399), []],
    ["a stop and a kill past runTimeoutMs", { runTimeoutMs: 400 }, aLook(400), ["stop 0: RunTimeout", "killThread"]],
    [
      "a stop only, where the task listens to its signal",
      { runTimeoutMs: 400 },
      aLook(400, { running: LISTENING }),
      ["stop 0: RunTimeout"],
    ],
    [
      "a stop at the deadline, and the end of what has not started",
      { deadlineAt: 700 },
      aLook(700),
      ["stop 0: TaskTimeout", "killThread", "endWaiting: TaskTimeout"],
    ],
    [
      "the end of what has not started at the deadline, though nothing runs",
      { deadlineAt: 700 },
      aLook(700, { running: undefined }),
      ["endWaiting: TaskTimeout"],
    ],
    [
      "a stop before the end of the invocation, and the return of what has not started",
      { aimMs: 1_000_000 },
      aLook(TIMES.endsAt),
      ["stop 0: RunTimeout", "killThread", "returnWaiting"],
    ],
    [
      "a kill without a stop when memory runs out, though the task listens",
      {},
      aLook(1, { running: LISTENING, memoryExceeded: "too much" }),
      ["killThread"],
    ],
    ["nothing for memory when no task runs", {}, aLook(1, { running: undefined, memoryExceeded: "too much" }), []],
  ];
  const partialReports: Row[] = [
    ["nothing at twice the aim when no task waits", { aimMs: 100 }, aLook(900, LAST_ONE), []],
    ["a report when outcomes fill one", {}, aLook(1, { isFull: true, hasNews: true }), ["report"]],
    ["no report while another is under way", {}, aLook(1, { isFull: true, hasNews: true, isReporting: true }), []],
    ["no report when no task is open: the session sends the last", {}, aLook(1, { isFull: true, open: 0 }), []],
    [
      "the return of what has not started when half of the invocation has passed",
      {},
      aLook(TIMES.leaveAt),
      ["returnWaiting", "report"],
    ],
    ["the same where tasks are kept", { isKept: true }, aLook(TIMES.leaveAt), ["returnWaiting", "report"]],
    [
      "a report when what has joined has waited for ten times the aim",
      { aimMs: 100 },
      aLook(1_500, { ...LAST_ONE, joinedAt: 500 }),
      ["report"],
    ],
    ["nothing before that", { aimMs: 100 }, aLook(999, { ...LAST_ONE, joinedAt: 500 }), []],
  ];
  const moreWork: Row[] = [
    [
      "more work once one of the last two tasks runs for 10 ms",
      { mayAskAhead: true },
      aLook(10, { open: 2 }),
      ["report and ask"],
    ],
    ["no more work before that", { mayAskAhead: true }, aLook(9, { open: 2 }), []],
    ["no more work while three tasks are left", { mayAskAhead: true }, aLook(10, { open: 3 }), []],
    ["no more work where the lease may not ask", {}, aLook(10, { open: 2 }), []],
    ["no more work while a report is under way", { mayAskAhead: true }, aLook(10, { open: 2, isReporting: true }), []],
    ["no more work when nothing runs", { mayAskAhead: true }, aLook(10, { open: 1, running: undefined }), []],
    [
      "no more work in the second half of the invocation",
      { mayAskAhead: true },
      aLook(TIMES.leaveAt, { ...LAST_ONE, running: { position: 0, startedAt: 49_000, isListening: false } }),
      ["heartbeat"],
    ],
    [
      "no more work while a task has a view, because it may soon wait for tasks of its own",
      { mayAskAhead: true },
      aLook(10, { ...LAST_ONE, running: { ...LISTENING, hasView: true } }),
      [],
    ],
    ["more work once the rest takes a round trip", SHORT_TASKS, aLook(1, { open: 6, ...PACE }), ["report and ask"]],
    [
      "the same before the first task has started",
      SHORT_TASKS,
      aLook(1, { open: 6, running: undefined, ...PACE }),
      ["report and ask"],
    ],
    ["no more work while the rest takes longer", SHORT_TASKS, aLook(1, { open: 8, ...PACE }), []],
    ["no more work for tasks below a millisecond", SHORT_TASKS, aLook(1, { open: 20, ...PACE, meanMs: 0.9 }), []],
    ["no more work if the rest is over at once", SHORT_TASKS, aLook(1, { open: 3, ...PACE, meanMs: 2 }), []],
    [
      "no more work within a round trip if none is known to wait",
      { mayAskAhead: true },
      aLook(1, { open: 6, ...PACE }),
      [],
    ],
    ["no more work before a task was measured", SHORT_TASKS, aLook(1, { open: 6, ...PACE, meanMs: undefined }), []],
  ];
  const heartbeats: Row[] = [
    ["no heartbeat in the first second", {}, aLook(999), []],
    ["a heartbeat after the first second", {}, aLook(1_000), ["heartbeat"]],
    ["a heartbeat though nothing runs", {}, aLook(1_000, { running: undefined, hasWaiting: false }), ["heartbeat"]],
    ["no heartbeat while a report is under way", {}, aLook(1_000, { isReporting: true }), []],
  ];
  it.each([...timeLimits, ...partialReports, ...moreWork, ...heartbeats])(
    "the action of a lease's clock: %s",
    (_, terms, look, actions) => {
      expect(said(aClock(terms), look)).toEqual([actions]);
    },
  );
});

describe("a task that is asked to stop", () => {
  it("a task is asked once to stop, and killed after its grace period", () => {
    const running = LISTENING;
    const looks = [400, 401, 1_399, 1_400, 1_401].map((now) => aLook(now, { running, isReporting: true }));
    expect(said(aClock({ runTimeoutMs: 400 }), ...looks)).toEqual([["stop 0: RunTimeout"], [], [], ["killThread"], []]);
  });

  it("a task that is asked to stop is checked again after its grace period", () => {
    const clock = aClock({ runTimeoutMs: 60_000 });
    const look = aLook(0, { running: LISTENING, isReporting: true });
    expect(clock.stop(LISTENING, abortedTask(true), 20)).toHaveLength(1);
    expect(clock.nextCheck(look)).toBe(1_020);
  });

  it("the outcome of a task that is asked to stop is that of the first cause", () => {
    const clock = aClock({ runTimeoutMs: 400 });
    expect(clock.stop(LISTENING, abortedTask(true), 100).map(inWords)).toEqual(["stop 0: TaskAborted"]);
    expect(said(clock, aLook(400, { running: LISTENING }))).toEqual([[]]);
    expect(clock.causeOf(0)?.error.code).toBe("TaskAborted");
    expect(clock.causeOf(1)).toBeUndefined();
  });

  it("a task that is asked to stop and ends in time does not affect the next task", () => {
    const clock = aClock({ runTimeoutMs: 400 });
    const next = { position: 1, startedAt: 500, isListening: false };
    expect(said(clock, aLook(400, { running: LISTENING }), aLook(899, { running: next }))).toEqual([
      ["stop 0: RunTimeout"],
      [],
    ]);
  });

  it("a task that is asked to stop is reported once when its thread has died", () => {
    const clock = aClock({ runTimeoutMs: 400 });
    clock.actions(aLook(400));
    expect([clock.threadDied(), clock.threadDied()]).toEqual([0, undefined]);
  });
});

describe("a lease that lasts twice its aim", () => {
  const late = (now: number, more: Partial<LeaseSnapshot> = {}) => aLook(now, { hasNews: true, ...more });

  it("a long lease is timed from the first check after its first task started", () => {
    const clock = aClock({ aimMs: 100 });
    const waits = { hasBegun: false, running: undefined };
    const runs = { running: { position: 0, startedAt: 700, isListening: false } };
    const looks = [late(0, waits), late(500, waits), late(520, runs), late(719, runs), late(720, runs)];
    expect(said(clock, ...looks)).toEqual([[], [], [], [], ["returnWaiting", "report"]]);
  });

  it("a long lease that may keep its unstarted tasks reports again after the same time", () => {
    const clock = aClock({ aimMs: 100, isKept: true });
    const looks = [late(0), late(200), late(210), late(399), late(400), aLook(600), late(799), late(800)];
    expect(said(clock, ...looks)).toEqual([[], ["report"], [], [], ["report"], [], [], ["report"]]);
  });

  it("a long lease requests no second report while the first is under way", () => {
    const clock = aClock({ aimMs: 100 });
    const looks = [late(0), late(200), late(201, { hasWaiting: false, isReporting: true })];
    expect(said(clock, ...looks)).toEqual([[], ["returnWaiting", "report"], []]);
  });
});

describe("a task that holds up the others of its lease", () => {
  it.each<[string, Terms, number, Partial<LeaseSnapshot>]>([
    ["half of the aim, if tasks are short", { aimMs: 300 }, 150, PACE],
    ["three times the mean, if tasks are longer", { aimMs: 1000 }, 600, { meanMs: 200 }],
    ["half of the aim, if no task of the job has ended", { aimMs: 1000 }, 500, {}],
  ])("the unstarted tasks return to the queue after %s", (_, terms, ms, more) => {
    const clock = aClock(terms);
    expect(said(clock, aLook(0, more), aLook(ms - 1, more), aLook(ms, more))).toEqual([
      [],
      [],
      ["returnWaiting", "report"],
    ]);
  });

  it.each<[string, Terms, Partial<LeaseSnapshot>]>([
    ["the user set the high-water mark", { aimMs: 300, isKept: true }, PACE],
    ["none waits", { aimMs: 300 }, { ...PACE, ...LAST_ONE }],
    ["a report is in flight", { aimMs: 300 }, { ...PACE, isReporting: true }],
  ])("nothing returns if %s", (_, terms, more) => {
    expect(said(aClock(terms), aLook(0, more), aLook(500, more))).toEqual([[], []]);
  });
});

describe("asking for more work", () => {
  it("a lease asks for more work once", () => {
    const clock = aClock({ mayAskAhead: true });
    expect(clock.isNearEnd(2, aLook(10))).toBe(true);
    expect(said(clock, aLook(10, LAST_ONE), aLook(500, LAST_ONE))).toEqual([["report and ask"], []]);
    expect(clock.isNearEnd(2, aLook(500))).toBe(false);
  });
});

describe("heartbeats of a lease", () => {
  it("heartbeats follow after 1, 2, 4, 8 and at most 10 seconds while one task runs, one at a time", () => {
    const clock = aClock({ aimMs: 1_000_000 });
    const beats: number[] = [];
    for (let now = 0; now < 40_000; now = clock.nextCheck(aLook(now))) {
      if (clock.actions(aLook(now)).length === 0) continue;
      beats.push(now);
      expect(clock.actions(aLook(now + 100_000, { running: undefined, hasWaiting: false }))).toEqual([]);
      clock.heartbeatOver();
    }
    expect(beats).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 26_000, 36_000]);
  });

  it("a report delays heartbeats, and output hastens them", () => {
    const clock = aClock();
    clock.reported(900);
    expect(clock.nextCheck(aLook(900))).toBe(1_900);
    expect(said(clock, aLook(1_899), aLook(1_900))).toEqual([[], ["heartbeat"]]);
    clock.heartbeatOver();
    clock.hasOutput(2_000);
    expect(clock.nextCheck(aLook(2_000))).toBe(2_900);
  });
});

describe("the next check of a lease", () => {
  const rows: [name: string, terms: Terms, look: LeaseSnapshot, at: number][] = [
    ["is at the next heartbeat when nothing else is due", {}, aLook(300), 1_000],
    ["is at the timeout of the running task", { runTimeoutMs: 400 }, aLook(300), 400],
    ["is a timeout away when nothing runs", { runTimeoutMs: 400 }, aLook(300, { running: undefined }), 700],
    ["is at the deadline", { deadlineAt: 700 }, aLook(300), 700],
    ["is when memory must be measured", {}, aLook(300, { memoryAt: 350 }), 350],
    ["is soon while the first task has not started", {}, aLook(0, { hasBegun: false, running: undefined }), 20],
    ["is at twice the target duration", { aimMs: 100 }, aLook(0, { meanMs: 100 }), 200],
    ["is when the running task begins to hold up others", { aimMs: 300 }, aLook(0, PACE), 150],
    ["is when the running task is worth asking for more", { mayAskAhead: true }, aLook(3, LAST_ONE), 10],
    [
      "is when the tasks that joined return to the queue",
      { aimMs: 50 },
      aLook(100, { ...LAST_ONE, joinedAt: 100 }),
      600,
    ],
    [
      "ignores heartbeats while a report is in flight",
      {},
      aLook(300, { ...LAST_ONE, isReporting: true }),
      TIMES.endsAt,
    ],
    ["is at least a turn of the event loop away", { runTimeoutMs: 400 }, aLook(450), 451],
  ];
  it.each(rows)("the next check of a lease %s", (_, terms, look, at) => {
    expect(aClock(terms).nextCheck(look)).toBe(at);
  });

  it("a thread that is being ended gets some time to end", () => {
    const clock = aClock({ runTimeoutMs: 400 });
    clock.actions(aLook(400));
    expect(clock.nextCheck(aLook(400))).toBe(420);
  });
});

describe("any lease at any moment", () => {
  const time = fc.integer({ min: 0, max: 120_000 });
  const terms = fc.record({
    runTimeoutMs: fc.option(time, { nil: undefined }),
    deadlineAt: fc.option(time, { nil: undefined }),
    aimMs: fc.integer({ min: 0, max: 60_000 }),
    isKept: fc.boolean(),
    mayAskAhead: fc.boolean(),
    isMoreWaiting: fc.boolean(),
  });
  const look = fc.record({
    now: time,
    running: fc.option(fc.record({ position: fc.nat(3), startedAt: time, isListening: fc.boolean() }), {
      nil: undefined,
    }),
    hasWaiting: fc.boolean(),
    hasBegun: fc.boolean(),
    open: fc.nat(4),
    unended: fc.nat(4),
    hasNews: fc.boolean(),
    isFull: fc.boolean(),
    isReporting: fc.boolean(),
    joinedAt: fc.option(time, { nil: undefined }),
    meanMs: fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined }),
    roundTripMs: fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined }),
    memoryExceeded: fc.option(fc.string(), { nil: undefined }),
    memoryAt: fc.constant(NEVER),
  });

  /** Returns the lease after an action. */
  function after(lease: LeaseSnapshot, action: LeaseAction): LeaseSnapshot {
    if (action.type === "endWaiting" || action.type === "returnWaiting")
      return { ...lease, hasWaiting: false, open: lease.running ? 1 : 0 };
    if (action.type === "report" && lease.open > 0)
      return { ...lease, isReporting: true, isFull: false, hasNews: false, joinedAt: undefined };
    return lease;
  }

  it("a lease needs no more actions after at most three rounds, and schedules the next check", () => {
    fc.assert(
      fc.property(terms, fc.array(look, { minLength: 1, maxLength: 6 }), (one, looks) => {
        const clock = aClock(one);
        for (const first of looks) {
          let lease = first;
          for (let round = 0; ; round++) {
            const actions = clock.actions(lease);
            if (actions.length === 0) break;
            expect(round).toBeLessThan(3);
            lease = actions.reduce(after, lease);
          }
          expect(clock.nextCheck(lease)).toBeGreaterThan(lease.now);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("a lease stops a task that runs past a limit, and starts none after the end", () => {
    fc.assert(
      fc.property(terms, look, (one, lease) => {
        const actions = aClock(one)
          .actions(lease)
          .map(({ type }) => type);
        const { startedAt = NEVER } = lease.running ?? {};
        const isPast = (limit: number) => lease.now >= limit;
        const limits = [startedAt + (one.runTimeoutMs ?? NEVER), one.deadlineAt ?? NEVER, TIMES.endsAt];
        expect(actions.includes("stop")).toBe(lease.running !== undefined && limits.some(isPast));
        if (lease.hasWaiting && [TIMES.endsAt, one.deadlineAt ?? NEVER].some(isPast))
          expect(actions.includes("endWaiting") || actions.includes("returnWaiting")).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
