import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import type { SeededChance } from "./seeded-chance.ts";

/** One call of an invocation of the scheduler to the world: a verb of the store, or the start of an engine. */
export interface Step {
  endpoint: "scheduler" | "report";
  /** Type of the message that the invocation is about; `partial` for a report after which something goes on running. */
  message: string;
  /** Number of the invocation, from 1, over both endpoints. */
  invocation: number;
  verb: string;
  key: string;
  /** Number of the step within the invocation, from 1. */
  number: number;
}

/** What goes wrong at a step: the invocation is killed before or after its effect, waits, or the effect is had twice, as when the SDK repeats a call whose answer was lost. */
export type StepFault = { kill: "before" | "after" } | { stallMs: number; when: "before" | "after" } | { repeat: true };

/** One call of an endpoint by an engine or the client. */
interface Call {
  endpoint: "scheduler" | "report";
  message: string;
  payload: unknown;
  /** Number of the call, from 1. */
  number: number;
}

/** What goes wrong with a call: it never arrives, its answer is lost, or the caller gives up waiting and the invocation goes on. */
type CallFault = { lost: "request" | "answer" } | { impatientMs: number };

/** Everything that may go wrong in a simulated cloud. Nothing does, unless it is told. */
export interface Faults {
  step?(step: Step): StepFault | undefined;
  call?(call: Call): CallFault | undefined;
  /** Delays after which an accepted event is delivered, in milliseconds: none when it is lost, two when it is doubled. */
  deliveries?(event: EngineEvent, number: number): number[];
  /** Claims that Lambda answers 429 to the start of an engine. */
  throttles?(event: EngineEvent, number: number): boolean;
  /** Name of the error with which Lambda refuses the start of an engine for good. */
  refuses?(event: EngineEvent, number: number): string | undefined;
  /** What becomes of a call of the rule's switch: refused, or done and its answer lost. */
  switches?(isOn: boolean): "throttled" | "answer lost" | undefined;
  /** Delays after which the record of a failed invocation arrives. */
  records?(number: number): number[];
  /** An invocation that crashes by itself after so long, for no fault of a task's; 0: before it does anything. */
  crashesAfterMs?(number: number): number | undefined;
}

/** How often things go wrong, each a probability. */
export interface FaultRates {
  kill: number;
  stall: number;
  repeat: number;
  call: number;
  delivery: number;
  throttle: number;
  record: number;
  crash: number;
  rule: number;
}

export const NO_FAULTS: FaultRates = {
  kill: 0,
  stall: 0,
  repeat: 0,
  call: 0,
  delivery: 0,
  throttle: 0,
  record: 0,
  crash: 0,
  rule: 0,
};

/** Faults by chance until `quietFrom`, and none afterwards, so that every run comes to an end. */
export function randomFaults(chance: SeededChance, rates: FaultRates, now: () => number, quietFrom: number): Faults {
  const happens = (rate: number) => now() < quietFrom && chance.happens(rate);
  return {
    step() {
      if (happens(rates.kill)) return { kill: chance.pick(["before", "after"]) };
      if (happens(rates.stall))
        return {
          stallMs: chance.pick([20, 300, 3000, 20_000, 59_000, 80_000]) * chance.next(),
          when: chance.pick(["before", "after"]),
        };
      if (happens(rates.repeat)) return { repeat: true };
      return undefined;
    },
    call() {
      if (!happens(rates.call)) return undefined;
      return chance.pick<CallFault>([
        { lost: "request" },
        { lost: "answer" },
        { lost: "answer" },
        { impatientMs: chance.between(1, 30) },
      ]);
    },
    deliveries() {
      const soon = chance.between(1, 40);
      if (!happens(rates.delivery)) return [soon];
      return chance.pick([
        [],
        [soon, chance.between(1, 60)],
        [soon, chance.between(1000, 200_000)],
        [chance.between(1000, 200_000)],
      ]);
    },
    throttles: () => happens(rates.throttle),
    switches: () => (happens(rates.rule) ? chance.pick(["throttled", "throttled", "answer lost"] as const) : undefined),
    records() {
      const soon = chance.between(1, 100);
      if (!happens(rates.record)) return [soon];
      return chance.pick([[], [soon, soon], [soon, chance.between(1000, 120_000)], [chance.between(500, 120_000)]]);
    },
    crashesAfterMs: () =>
      happens(rates.crash) ? chance.pick([0, chance.between(1, 2000), chance.between(1, 2000)]) : undefined,
  };
}

/** What befalls a scheduler that holds claimed work: it dies, or is held up for longer than others wait for it. */
export interface Stranding {
  rate: number;
  /** Share of those that are only held up. */
  stalls: number;
  /** Told of each that dies. */
  killed?(): void;
}

/** Strikes at any step between a claim and the lease that it is for; lets `others` do so elsewhere. */
export function strandingFaults(
  others: Faults,
  chance: SeededChance,
  { rate, stalls, killed }: Stranding,
  isQuiet: () => boolean,
): Faults {
  const holding = new Set<number>();
  return {
    ...others,
    step(step) {
      const { verb, key, invocation } = step;
      const claims = verb === "claim" || (verb === "update" && key === "e") || (verb === "putOnce" && key === "job");
      if (claims) holding.add(invocation);
      const strikes = holding.has(invocation) && !isQuiet() && chance.happens(rate);
      if (verb === "swap") holding.delete(invocation);
      if (!strikes) return others.step?.(step);
      const when = claims ? "after" : "before";
      if (chance.happens(stalls)) return { stallMs: chance.between(4000, 50_000), when };
      killed?.();
      return { kill: when };
    },
  };
}
