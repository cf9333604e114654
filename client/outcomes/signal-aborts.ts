import { onAborted } from "../cluster/abortable.ts";
import type { Aborter } from "./aborter.ts";
import { JobOutcomes } from "./outcome-store.ts";
import type { ResultPart } from "./result-part.ts";

/**
 * Tasks that a signal aborts. The reference to their outcomes is weak, so that the signal does not keep them in memory.
 */
interface Guarded {
  job: string;
  from: number;
  to: number;
  outcomes: WeakRef<JobOutcomes>;
}

/** The tasks that a signal aborts, and how to stop listening to it. */
interface Guard {
  parts: Set<Guarded>;
  last: Guarded | undefined;
  end: () => void;
}

/**
 * Aborts tasks when the signal that they were submitted with is aborted. Each signal gets one listener, however many
 * tasks it aborts; the listener is removed once all of them have ended.
 */
export class SignalAborts {
  readonly #aborter: Aborter;
  readonly #guards = new WeakMap<AbortSignal, Guard>();
  /** The guarded tasks of each job, which are released when the job ends. */
  readonly #ofJob = new WeakMap<JobOutcomes, Set<[Guard, Guarded]>>();

  constructor(aborter: Aborter) {
    this.#aborter = aborter;
  }

  /** Aborts the tasks when the signal is aborted, or at once if it already is. */
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

  /** Releases a job once all of its tasks have ended. */
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
    // Nothing awaits this promise. Code that awaits the tasks gets the failure.
    this.#aborter.abort(parts).catch(() => {});
  }
}
