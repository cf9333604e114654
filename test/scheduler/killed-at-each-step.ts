import { describe, expect, test } from "vitest";
import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import { aJob, type Behaviour, type Job, ok } from "../simulation/a-job.ts";
import type { Faults, Step } from "../simulation/faults.ts";
import { STEP_INTERVAL, triedSteps } from "../simulation/tried-steps.ts";
import { World, type WorldSettings } from "../simulation/world.ts";
import { expectSound } from "./sound.ts";

/** Kills the first invocation for a type of message at its n-th step. */
export class KillAt implements Faults {
  happened = false;
  readonly #message: string;
  readonly #number: number;
  readonly #when: "before" | "after";
  readonly #from: number;
  #invocation: number | undefined;
  #seen = new Set<number>();

  /** @param from which invocation for such a message, counted from 1 */
  constructor(message: string, number: number, when: "before" | "after", from = 1) {
    this.#message = message;
    this.#number = number;
    this.#when = when;
    this.#from = from;
  }

  step(step: Step): { kill: "before" | "after" } | undefined {
    if (step.message !== this.#message) return undefined;
    this.#seen.add(step.invocation);
    if (this.#seen.size === this.#from) this.#invocation ??= step.invocation;
    if (step.invocation !== this.#invocation || step.number !== this.#number || this.happened) return undefined;
    this.happened = true;
    return { kill: this.#when };
  }
}

/** Creates a small map in which everything happens to a task: success, a retry, a failure, a crash. */
export function mixedJobs(world: World): Job[] {
  const behaviours: Behaviour[] = Array.from({ length: 12 }, () => ok(2));
  behaviours[3] = { do: "error", ms: 2, times: 1 };
  behaviours[5] = { do: "error", ms: 2 };
  behaviours[8] = { do: "die", ms: 2, times: 1 };
  const now = world.clock.now();
  return [
    aJob(1, now, { tasks: behaviours, flags: { retries: 1 } }),
    aJob(2, now, { tasks: [ok(1), ok(1)], flags: { targets: [1] } }),
  ];
}

/** Registers the tests of one setting: one for each type of message during which a scheduler may die. */
export function killedAtEachStep(name: string, setting: WorldSettings): void {
  describe("a scheduler that is killed at each of its steps", {
    timeout: 120_000,
  }, () => {
    for (const message of ["submit", "begin", "report", "onFailure", "tick", "sweep"])
      test(`if the scheduler is killed at any step of ${message}, every outcome arrives exactly once: ${name}`, async () => {
        let killed = 0;
        for (const nth of message === "report" ? [1, 4] : [1, 2])
          for (const number of triedSteps(60)) {
            let happened = false;
            for (const when of ["before", "after"] as const) {
              const faults = new KillAt(message, number, when, nth);
              // Delay engine starts, so that a tick has something to do.
              const deliveries = (_: EngineEvent, event: number) => (message === "tick" && event <= 2 ? [] : [5]);
              const world = new World({ ...setting, faults: Object.assign(faults, { deliveries }) });
              const jobs = mixedJobs(world);
              await world.until(world.submit(...jobs));
              await expectSound(world, { ms: 400_000 });
              happened ||= faults.happened;
              if (faults.happened) killed++;
            }
            if (!happened) break;
          }
        expect(killed).toBeGreaterThan(4 / STEP_INTERVAL);
      });
  });
}

/** Registers two tests of one setting: a scheduler dies in a partial report, and then its engine may die, too. */
export function killedInPartialReports(name: string, setting: WorldSettings, tasks: Behaviour[]): void {
  describe("a scheduler that is killed in a partial report", { timeout: 120_000 }, () => {
    test.each([
      ["the engine repeats it", false],
      ["the engine dies too", true],
    ])(
      `if the scheduler is killed at any step of a partial report and %s, every outcome arrives exactly once: ${name}`,
      async (_, dies) => {
        let killed = 0;
        for (const nth of [1, 2])
          for (const number of triedSteps(30)) {
            let happened = false;
            for (const when of ["before", "after"] as const) {
              const faults = new KillAt("partial", number, when, nth);
              const world = new World({ ...setting, faults });
              await world.until(world.submit(aJob(1, world.clock.now(), { tasks, flags: { retries: 1 } })));
              world.watch = () => {
                if (!dies || world.fleet.killed === 0 || world.crashes > 0) return;
                for (const live of world.invocations.values()) for (const one of live) one.crash("gone");
              };
              await expectSound(world, { ms: 400_000 });
              happened ||= faults.happened;
              if (faults.happened) killed++;
            }
            if (!happened) break;
          }
        expect(killed).toBeGreaterThan(8 / STEP_INTERVAL);
      },
    );
  });
}
