import { onAborted } from "../cluster/abortable.ts";
import type { Aborter } from "./aborter.ts";
import { JobOutcomes } from "./outcome-store.ts";
import type { ResultPart } from "./result-part.ts";

/** Tasks that a signal aborts. Their outcomes are held by whoever wants them, not for the signal's sake. */
interface Guarded {
  job: string;
  from: number;
  to: number;
  outcomes: WeakRef<JobOutcomes>;
}

/** A signal, what it aborts, and how it is no longer listened to. */
interface Guard {
  parts: Set<Guarded>;
  last: Guarded | undefined;
  end: () => void;
}

/**
 * Aborts tasks when the signal they were submitted with is raised. One listener per signal, however many tasks it guards, and
 * none once all of them have ended.
 */
export class SignalAborts {
  readonly #aborter: Aborter;
  readonly #guards = new WeakMap<AbortSignal, Guard>();
  /** What guards a job, so that it can be let go of at the job's end. */
  readonly #ofJob = new WeakMap<JobOutcomes, Set<[Guard, Guarded]>>();

  constructor(aborter: Aborter) {
    this.#aborter = aborter;
  }

  /** Aborts the tasks when the signal is raised; at once if it was. */
  guard(signal: AbortSignal, part: ResultPart): void {
    if (signal.aborted) {
      this.#abort([part]);
      return;
    }
    const { outcomes, from, to } = part;
    const guard = this.#guards.get(signal) ?? this.#listen(signal);
    const { last } = guard;
    if (last?.to === from && last.outcomes.deref() === outcomes) {
      last.to = to;
      return;
    }
    const guarded: Guarded = { job: outcomes.job, from, to, outcomes: new WeakRef(outcomes) };
    guard.parts.add(guarded);
    guard.last = guarded;
    const known = this.#ofJob.get(outcomes) ?? new Set();
    this.#ofJob.set(outcomes, known.add([guard, guarded]));
  }

  /** Lets go of a job, when all of its tasks have ended. */
  ended(outcomes: JobOutcomes): void {
    if (outcomes.missing > 0) return;
    for (const [guard, guarded] of this.#ofJob.get(outcomes) ?? []) {
      guard.parts.delete(guarded);
      if (guard.last === guarded) guard.last = undefined;
      if (guard.parts.size === 0) guard.end();
    }
    this.#ofJob.delete(outcomes);
  }

  #listen(signal: AbortSignal): Guard {
    const parts = new Set<Guarded>();
    const onAbort = () => {
      this.#guards.delete(signal);
      const all = [...parts];
      parts.clear();
      this.#abort(
        all.map(({ job, from, to, outcomes }) => ({ outcomes: outcomes.deref() ?? new JobOutcomes(job), from, to })),
      );
    };
    const unheard = onAborted(signal, onAbort);
    const end = () => {
      this.#guards.delete(signal);
      unheard();
    };
    const guard: Guard = { parts, last: undefined, end };
    this.#guards.set(signal, guard);
    return guard;
  }

  #abort(parts: readonly ResultPart[]): void {
    // Who waits for the tasks learns of the failure; nobody waits for this promise.
    this.#aborter.abort(parts).catch(() => {});
  }
}
