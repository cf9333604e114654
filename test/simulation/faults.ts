import type { EngineEvent } from "../../lambdas/protocol/engine-event.ts";
import type { SeededChance } from "./seeded-chance.ts";

/** A call of a scheduler invocation to the world: a verb of the store, or the start of an engine. */
export interface Step {
  endpoint: "scheduler" | "report";
  /** Type of the message that the invocation handles; `partial` for a report after which tasks keep running. */
  message: string;
  /** Number of the invocation, from 1, counted over both endpoints. */
  invocation: number;
  verb: string;
  key: string;
  /** Number of the step within the invocation, from 1. */
  number: number;
}

/**
 * A fault at a step: the invocation is killed before or after its effect, it stalls, or the effect happens twice, as
 * when the SDK repeats a call whose answer was lost.
 */
export type StepFault = { kill: "before" | "after" } | { stallMs: number; when: "before" | "after" } | { repeat: true };

/** A call of an endpoint by an engine or the client. */
interface Call {
  endpoint: "scheduler" | "report";
  message: string;
  payload: unknown;
  /** Number of the call, from 1. */
  number: number;
}

/** A fault of a call: the request or the answer is lost, or the caller stops waiting while the invocation continues. */
type CallFault = { lost: "request" | "answer" } | { impatientMs: number };

/** Everything that can go wrong in a simulated cloud. By default nothing does. */
export interface Faults {
  step?(step: Step): StepFault | undefined;
  call?(call: Call): CallFault | undefined;
  /** Delays in milliseconds after which an accepted event is delivered: none if it is lost, two if it is doubled. */
  deliveries?(event: EngineEvent, number: number): number[];
  /** Whether the response of an engine that was invoked synchronously is lost, and whether its caller then knows. */
  replies?(event: EngineEvent, number: number): "lost" | "late" | undefined;
  /** Whether Lambda answers 429 to the start of an engine. */
  throttles?(event: EngineEvent, number: number): boolean;
  /** Name of the error with which Lambda permanently refuses the start of an engine. */
  refuses?(event: EngineEvent, number: number): string | undefined;
  /** Outcome of a call to switch the rule: refused, or done with its answer lost. */
  switches?(isOn: boolean): "throttled" | "answer lost" | undefined;
  /** Delays after which the record of a failed invocation arrives. */
  records?(number: number): number[];
  /** Milliseconds after which an invocation crashes through no fault of a task; 0: before it does anything. */
  crashesAfterMs?(number: number): number | undefined;
}

/** Probabilities of the faults. */
export interface FaultRates {
  kill: number;
  stall: number;
  repeat: number;
  call: number;
  delivery: number;
  reply: number;
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
  reply: 0,
  throttle: 0,
  record: 0,
  crash: 0,
  rule: 0,
};

/** Creates random faults until `quietFrom`, and none afterwards, so that every run comes to an end. */
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
    replies: () => (happens(rates.reply) ? chance.pick(["lost", "late"] as const) : undefined),
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

/** What happens to a scheduler that holds claimed work: it dies, or stalls for longer than others wait for it. */
export interface Stranding {
  rate: number;
  /** Share of schedulers that only stall. */
  stalls: number;
  /** Called for each scheduler that dies. */
  killed?(): void;
}

/** Injects the fault at any step between a claim and its lease, and the faults of `others` elsewhere. */
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
