/**
 * A second, independent definition of how tasks that depend on each other may end, to which fantail is compared. It
 * shares no code with fantail.
 */

export type Outcome = "ok" | "error" | "lost" | "aborted" | "impossible";

/** A dependency on tasks, by their numbers. */
export interface ModelDependency {
  on: readonly number[];
  all: boolean;
  success: boolean;
  failure: boolean;
}

export interface ModelTask {
  /** All of them must be met. */
  after: readonly ModelDependency[];
  /** Must also be met, by tasks that ran on the same engine. */
  follow?: ModelDependency | undefined;
  /** Number of first attempts that throw. */
  failures: number;
  retries: number;
  /** Engines that refuse it as unmet. */
  refusedOn: readonly number[];
  /** Whether it is aborted at some time. */
  aborted: boolean;
}

/** How a task ended, or may end. */
export interface Ending {
  outcomes: ReadonlySet<Outcome>;
  /** The engine of its last attempt. `undefined`: it had no attempt; absent: unknown. */
  engine?: number | undefined;
}

export interface Circumstances {
  engines: number;
  /** Whether engines may die. */
  crashes: boolean;
}

/** Returns how each task may end, from the graph alone. Tasks depend only on earlier ones. */
export function allowedOutcomes(tasks: readonly ModelTask[], circumstances: Circumstances): ReadonlySet<Outcome>[] {
  const endings: Ending[] = [];
  for (const task of tasks) endings.push({ outcomes: allowedEnding(task, endings, circumstances) });
  return endings.map(({ outcomes }) => outcomes);
}

/** Returns how one task may end, given how earlier tasks ended, or may end. */
export function allowedEnding(
  task: ModelTask,
  endings: readonly Ending[],
  { engines, crashes }: Circumstances,
): Set<Outcome> {
  const allowed = new Set<Outcome>();
  const states = task.after.map((dependency) => possible(dependency, endings, false));
  let places: (number | undefined)[] = Array.from({ length: engines }, (_, id) => id);
  if (task.follow) {
    states.push(possible(task.follow, endings, true));
    const found = followPlaces(task.follow, endings);
    if (found === "unknown") {
      if (task.refusedOn.length > 0 || (task.follow.all && task.follow.on.length > 1 && engines > 1))
        allowed.add("impossible");
    } else {
      places = found;
    }
    // With `all: false`, the task follows those parents that had ended when the first one ended. Their engines may all
    // refuse it.
    if (!task.follow.all && task.refusedOn.length > 0) allowed.add("impossible");
    if (crashes) allowed.add("impossible");
  }
  const canRun = states.every(({ met }) => met) && places.some((place) => !task.refusedOn.includes(place ?? -1));
  if (!canRun || states.some(({ impossible }) => impossible)) allowed.add("impossible");
  if (canRun) {
    allowed.add(task.failures > task.retries ? "error" : "ok");
  }
  if (crashes && states.every(({ met }) => met)) allowed.add("lost");
  if (task.aborted) allowed.add("aborted");
  return allowed;
}

/** Returns whether a dependency can be met, and whether it can be impossible. */
function possible({ on, all, success, failure }: ModelDependency, endings: readonly Ending[], isFollow: boolean) {
  const parents = on.map((number) => {
    const { outcomes, ...rest } = endings[number] ?? { outcomes: new Set<Outcome>() };
    let right = false;
    let wrong = false;
    for (const outcome of outcomes) {
      const counts = outcome === "ok" ? success : failure;
      const ran = "engine" in rest ? [rest.engine !== undefined] : whetherRan(outcome);
      for (const didRun of isFollow ? ran : [true])
        if (counts && didRun) right = true;
        else wrong = true;
    }
    return { right, wrong };
  });
  return all
    ? { met: parents.every(({ right }) => right), impossible: parents.some(({ wrong }) => wrong) }
    : { met: parents.some(({ right }) => right), impossible: parents.every(({ wrong }) => wrong) };
}

function whetherRan(outcome: Outcome): boolean[] {
  if (outcome === "impossible") return [false];
  return outcome === "aborted" ? [true, false] : [true];
}

/** Returns the engines on which a `follow` is met. */
export function followPlaces(
  { on, all, success, failure }: ModelDependency,
  endings: readonly Ending[],
): (number | undefined)[] | "unknown" {
  const places: (number | undefined)[] = [];
  for (const number of on) {
    const ending = endings[number];
    if (!ending || !("engine" in ending)) return "unknown";
    const [outcome] = ending.outcomes;
    const counts = outcome === "ok" ? success : failure;
    if (counts && ending.engine !== undefined) places.push(ending.engine);
    else if (all) return [];
  }
  return all && new Set(places).size > 1 ? [] : places;
}

/** Whether a dependency is met by the tasks that had ended at a time. */
export function isMet(
  { on, all, success, failure }: ModelDependency,
  endedBy: (number: number) => Outcome | undefined,
): boolean {
  const right = (number: number) => {
    const outcome = endedBy(number);
    return outcome !== undefined && (outcome === "ok" ? success : failure);
  };
  return all ? on.every(right) : on.some(right);
}
