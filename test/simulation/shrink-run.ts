import { NO_FAULTS } from "./faults.ts";
import type { RunOptions } from "./random-run.ts";

/** Events that can be left out of a run, in addition to faults that have rates. */
const EVENTS = ["aborts", "blackouts", "resizing", "late jobs", "repeats"] as const;

/** What is left out of a run, to find out which parts of it matter. */
export interface Cut {
  /** Names of the faults and events to leave out: see `CUT_NAMES`. */
  without: readonly string[];
  jobs?: number;
  tasks?: number;
}

/** The names that a cut may contain. `strandings` are schedulers that die or stall with claimed work. */
export const CUT_NAMES: readonly string[] = [...EVENTS, "strandings", ...Object.keys(NO_FAULTS)];

/** Returns the options of a run with the cut. */
export function cutRun({ without, jobs, tasks }: Cut): RunOptions {
  const rates = Object.fromEntries(
    Object.keys(NO_FAULTS).flatMap((name) => (without.includes(name) ? [[name, 0]] : [])),
  );
  return {
    rates,
    ...(without.includes("strandings") ? { stranding: { rate: 0, stalls: 0 } } : {}),
    without: EVENTS.filter((name) => without.includes(name)),
    atMost: { ...(jobs === undefined ? {} : { jobs }), ...(tasks === undefined ? {} : { tasks }) },
  };
}

/** Returns the kind of a violation: its text without numbers. */
function kindOfFailure(text: string): string {
  return text.replace(/[\d.]+/g, "").slice(0, 60);
}

/**
 * Finds a smaller run that fails in the same way, with fewer kinds of faults, fewer jobs or fewer tasks.
 *
 * @param fails makes the run with a cut, and returns its violations
 * @param first the violations of the whole run
 */
export async function shrinkRun(fails: (cut: Cut) => Promise<string[]>, first: readonly string[]): Promise<Cut> {
  const kinds = new Set(first.map(kindOfFailure));
  const stillFails = async (cut: Cut) => (await fails(cut)).some((text) => kinds.has(kindOfFailure(text)));
  let cut: Cut = { without: CUT_NAMES };
  if (!(await stillFails(cut))) {
    cut = { without: [] };
    for (const name of CUT_NAMES) {
      const next = { without: [...cut.without, name] };
      if (await stillFails(next)) cut = next;
    }
  }
  for (const what of ["jobs", "tasks"] as const)
    for (const most of [1, 2, 3, 5, 8, 12, 20]) {
      const next = { ...cut, [what]: most };
      if (!(await stillFails(next))) continue;
      cut = next;
      break;
    }
  return cut;
}

/** Returns the arguments of `npm run simulate` for the cut. */
export function cutArguments({ without, jobs, tasks }: Cut): string {
  const names = without.length === CUT_NAMES.length ? "all" : `"${without.join(",")}"`;
  return [
    without.length > 0 ? ` --without ${names}` : "",
    jobs === undefined ? "" : ` --at-most-jobs ${jobs}`,
    tasks === undefined ? "" : ` --at-most-tasks ${tasks}`,
  ].join("");
}
