import { describe, expect, it } from "vitest";
import { LeaseBoard } from "../../lambdas/engine/messages/lease-board.ts";
import { AskingPace } from "../../lambdas/engine/rules/asking-pace.ts";
import { HeartbeatPace } from "../../lambdas/engine/rules/heartbeat-pace.ts";
import { readAgainMs, readPauseMs } from "../../lambdas/engine/rules/read-pace.ts";
import { Alarm } from "../../lambdas/engine/supervisor/alarm.ts";
import { LeaseHeartbeats } from "../../lambdas/engine/supervisor/lease-heartbeats.ts";
import { LeaseProgress } from "../../lambdas/engine/supervisor/lease-progress.ts";
import { MemoryGuard } from "../../lambdas/engine/supervisor/memory-guard.ts";
import { UnitCache } from "../../lambdas/engine/supervisor/unit-cache.ts";
import { aLease, aUnit } from "./an-engine.ts";
import { HeldClock } from "./held-clock.ts";

describe("the board of a lease", () => {
  it("the board gives a task either to the thread that starts it or to the supervisor that takes it back", () => {
    const board = LeaseBoard.of(2);
    const worker = new LeaseBoard(board.memory);
    expect(worker.start(0, 10)).toBe(true);
    expect(board.cut(0)).toBe(false);
    expect(board.cut(1)).toBe(true);
    expect(worker.start(1, 20)).toBe(false);
  });

  it("the board shows the running task with its start time, whether it listens and whether it has a view", () => {
    const board = LeaseBoard.of(2);
    const first = { position: 0, startedAt: 12.5, isListening: false, hasView: false };
    expect(board.running()).toBeUndefined();
    board.start(0, 12.5);
    expect(board.running()).toEqual(first);
    expect(board.isListening(0)).toBe(false);
    board.listen(0);
    expect(board.isListening(0)).toBe(true);
    board.openView(0);
    expect(board.running()).toEqual({ ...first, isListening: true, hasView: true });
    board.end(0);
    expect(board.running()).toBeUndefined();
    expect(board.start(0, 20)).toBe(false);
  });
});

describe("the pace of heartbeats", () => {
  /** Returns the due times of the next heartbeats while the tasks at these positions run. */
  function dueTimes(positions: number[]): number[] {
    const pace = new HeartbeatPace(0);
    return positions.map((position) => {
      const at = pace.nextAt;
      pace.sent(at, position);
      pace.over();
      return at;
    });
  }

  it("the pace of heartbeats is one second, backing off to ten while one task runs", () => {
    expect(dueTimes([0, 0, 0, 0, 0, 0])).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 26_000]);
  });

  it("the pace of heartbeats restarts with each task", () => {
    expect(dueTimes([0, 0, 0, 1, 1])).toEqual([1_000, 2_000, 4_000, 8_000, 9_000]);
  });

  it("only one heartbeat is under way at a time", () => {
    const pace = new HeartbeatPace(0);
    pace.sent(1_000, 0);
    expect(pace.isDue(1_000_000)).toBe(false);
    pace.over();
    expect(pace.isDue(2_000)).toBe(true);
  });

  it("the pace of heartbeats restarts after a report is answered", () => {
    const pace = new HeartbeatPace(0);
    pace.postpone(900);
    expect(pace.nextAt).toBe(1_900);
  });

  it("a heartbeat comes soon after output, but a second after the heartbeat before", () => {
    const pace = new HeartbeatPace(0);
    for (const at of [1_000, 2_000, 4_000]) {
      pace.sent(at, 0);
      pace.over();
    }
    expect(pace.nextAt).toBe(8_000);
    pace.hurry(4_200);
    expect(pace.nextAt).toBe(5_000);
    pace.hurry(6_000);
    expect(pace.nextAt).toBe(5_000);
  });
});

describe("a heartbeat that fails", () => {
  it("a failed heartbeat returns no answer", async () => {
    const endpoint = { send: () => Promise.reject(new Error("lost")) };
    const progress = new LeaseProgress(aLease(() => 1, [[]]));
    const heartbeats = new LeaseHeartbeats(endpoint, { engine: 0, session: "s", nonce: "n" }, progress);
    expect(await heartbeats.send(1)).toBeUndefined();
  });
});

describe("the pace of reading outcomes for tasks that wait", () => {
  it.each([
    [0, 5],
    [20, 5],
    [400, 100],
    [1000, 250],
    [60_000, 250],
  ])("after %d ms without news, outcomes are read again %d ms later", (sinceNewsMs, expected) => {
    expect(readAgainMs(sinceNewsMs)).toBe(expected);
  });

  it("a session pauses between reads as long as its last read took, up to a limit", () => {
    expect([0, 40, 3000].map((ms) => readPauseMs(ms, false))).toEqual([0, 40, 250]);
    expect([0, 40, 3000].map((ms) => readPauseMs(ms, true))).toEqual([0, 160, 1000]);
  });
});

describe("the pace of asking for work", () => {
  it("a session asks for work quickly at first, then once a second, and quickly again after `hurry`", () => {
    const pace = new AskingPace();
    const pauses = Array.from({ length: 15 }, () => {
      const { pauseMs } = pace;
      pace.asked();
      return pauseMs;
    });
    expect(pauses.slice(0, 3)).toEqual([5, 7.5, 11.25]);
    expect(pauses.at(-1)).toBe(1_000);
    pace.hurry();
    expect(pace.pauseMs).toBe(5);
  });
});

describe("the guard of memory", () => {
  const MB = 1024 * 1024;

  it("the memory guard checks every 50 ms, and every 10 ms near the limit", () => {
    let used = 100 * MB;
    const guard = new MemoryGuard(1000, () => used);
    expect(guard.isExceeded(0)).toBe(false);
    expect(guard.nextAt).toBe(50);
    used = 800 * MB;
    expect(guard.isExceeded(50)).toBe(false);
    expect(guard.nextAt).toBe(60);
    used = 950 * MB;
    expect(guard.isExceeded(55)).toBe(false);
    expect(guard.isExceeded(60)).toBe(true);
  });

  it("the memory guard leaves tasks some room in an environment that is full before they start", () => {
    let used = 150 * MB;
    const guard = new MemoryGuard(128, () => used);
    guard.rebase();
    used = 170 * MB;
    expect(guard.isExceeded(0)).toBe(false);
    used = 190 * MB;
    expect(guard.isExceeded(50)).toBe(true);
  });
});

describe("the alarm", () => {
  it("an alarm that rings while nothing waits wakes exactly one later waiter", async () => {
    const alarm = new Alarm(new HeldClock());
    alarm.ring();
    alarm.ring();
    await alarm.wait(1_000_000);
    const waited = alarm.wait(1_000_000);
    alarm.ring();
    await waited;
  });
});

describe("the cache of units", () => {
  it("the cache of units keeps the 64 units used last, in the order of use", () => {
    const cache = new UnitCache();
    const units = Array.from({ length: 66 }, (_, at) => aUnit(`() => ${at}`));
    const add = (at: number) => {
      const unit = units[at] ?? aUnit("never");
      return cache.add(unit.hash, Buffer.from(unit.body, "base64"));
    };
    for (let at = 0; at < 64; at++) add(at);
    expect(cache.get(units[0]?.hash ?? "")).toContain("() => 0");
    add(64);
    add(65);
    expect(cache.hashes()).toHaveLength(64);
    expect(cache.hashes().slice(0, 3)).toEqual([units[65]?.hash, units[64]?.hash, units[0]?.hash]);
    expect(cache.get(units[1]?.hash ?? "")).toBeUndefined();
  });
});
