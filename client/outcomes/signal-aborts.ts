import type { ResultPart } from "../results/result-items.ts";
import type { Aborter } from "./aborter.ts";
import type { JobOutcomes } from "./outcome-store.ts";

/** Tasks by job; a job that nobody else holds is not kept for its signal's sake. */
interface Guarded {
  job: WeakRef<JobOutcomes>;
  from: number;
  to: number;
}

/** Aborts tasks when the signal they were submitted with is raised. One listener per signal, however many tasks it guards. */
export class SignalAborts {
  readonly #aborter: Aborter;
  readonly #guarded = new WeakMap<AbortSignal, Guarded[]>();

  constructor(aborter: Aborter) {
    this.#aborter = aborter;
  }

  guard(signal: AbortSignal, part: ResultPart): void {
    if (signal.aborted) {
      this.#abort([part]);
      return;
    }
    const known = this.#guarded.get(signal);
    const guarded = known ?? [];
    if (!known) {
      this.#guarded.set(signal, guarded);
      signal.addEventListener("abort", () => this.#abort(partsOf(guarded.splice(0))), { once: true });
    }
    const last = guarded.at(-1);
    if (last?.to === part.from && last.job.deref() === part.outcomes) last.to = part.to;
    else guarded.push({ job: new WeakRef(part.outcomes), from: part.from, to: part.to });
  }

  #abort(parts: readonly ResultPart[]): void {
    // Who waits for the tasks learns of the failure; nobody waits for this promise.
    this.#aborter.abort(parts).catch(() => {});
  }
}

function partsOf(guarded: readonly Guarded[]): ResultPart[] {
  return guarded.flatMap(({ job, from, to }) => {
    const outcomes = job.deref();
    return outcomes ? [{ outcomes, from, to }] : [];
  });
}
