import type { DependencyAtRest, WaitGroup } from "../protocol/dependency.ts";
import { invariant } from "../protocol/invariant.ts";
import type { TaskKey } from "../protocol/task-id.ts";
import type { Ended } from "./ledger.ts";

/** The state of a dependency. `met` and `impossible` are final. */
export type DependencyState =
  | { is: "waiting" }
  | { is: "met" }
  | { is: "impossible"; parent: TaskKey; ended: Ended; reason: string };

const WAITING: DependencyState = { is: "waiting" };
const MET: DependencyState = { is: "met" };

/** Looks up how a parent task ended. Returns `undefined` if it has not ended, or is not known to have ended. */
export type EndedOf = (job: string, index: number) => Ended | undefined;

/** The parent tasks of a dependency, in order. An empty job id means the dependent task's own job. */
export function* parentsOf({ on }: DependencyAtRest, own: string): Generator<TaskKey> {
  for (const [job, from, to] of on) for (let index = from; index < to; index++) yield { job: job || own, index };
}

/**
 * Evaluates one dependency as ipyparallel does. Under `all`, one parent with a wrong outcome makes the dependency
 * impossible. Otherwise, one parent with a right outcome meets it, and it is impossible once all parents have a wrong
 * outcome.
 *
 * @param own id of the dependent task's job
 * @param isLocation whether the dependency is a `follow`, for which a parent that never ran on an engine has a wrong
 *   outcome
 */
export function dependencyState(
  dependency: DependencyAtRest,
  own: string,
  endedOf: EndedOf,
  isLocation = false,
): DependencyState {
  const { all, success, failure } = dependency;
  let isWaiting = false;
  let wrong: DependencyState | undefined;
  for (const parent of parentsOf(dependency, own)) {
    const ended = endedOf(parent.job, parent.index);
    if (!ended) {
      isWaiting = true;
      continue;
    }
    const isRight = ended.status === "ok" ? success : failure;
    const neverRan = isLocation && ended.engine === undefined;
    if (isRight && !neverRan) {
      if (!all) return MET;
      continue;
    }
    const reason = isRight ? "never ran on an engine" : howItEnded(ended);
    wrong ??= { is: "impossible", parent, ended, reason };
    if (all) return wrong;
  }
  if (isWaiting) return WAITING;
  if (all || !wrong) return MET;
  return wrong;
}

function howItEnded({ status }: Ended): string {
  switch (status) {
    case "ok":
      return "succeeded, but the dependency requires a failure";
    case "error":
      return "failed";
    case "lost":
      return "was lost with its engine";
    case "timeout":
      return "timed out";
    case "aborted":
      return "was aborted";
    case "impossible":
    case "unmet":
      return "could not run itself";
  }
}

/**
 * Evaluates a wait group: met once all its dependencies are met, impossible once one of its dependencies is impossible.
 */
export function groupState(group: Pick<WaitGroup, "after" | "follow">, own: string, endedOf: EndedOf): DependencyState {
  let isWaiting = false;
  for (const dependency of group.follow ? [...group.after, group.follow] : group.after) {
    const state = dependencyState(dependency, own, endedOf, dependency === group.follow);
    switch (state.is) {
      case "impossible":
        return state;
      case "waiting":
        isWaiting = true;
        break;
      case "met":
        break;
      default:
        state satisfies never;
    }
  }
  return isWaiting ? WAITING : MET;
}

/**
 * Where tasks with a met `follow` may run. Under `all`, on the one engine that ran every parent; impossible if several
 * engines ran the parents, or if that engine has died. Otherwise, on each living engine that ran a parent that ended as
 * the `follow` requires; impossible if all of these engines have died.
 */
export type Location =
  | { is: "engines"; engines: { id: number; generation: number }[] }
  | { is: "impossible"; parent: TaskKey; ended: Ended; reason: string };

/**
 * Finds the engines on which tasks with a met `follow` may run.
 *
 * @param isAlive whether an engine is still in the generation in which it ran a parent
 * @throws ClusterError if no parent ran on an engine and ended as the `follow` requires: the `follow` is not met
 */
export function followLocation(
  follow: DependencyAtRest,
  own: string,
  endedOf: EndedOf,
  isAlive: (engine: number, generation: number) => boolean,
): Location {
  const engines = new Map<number, number>();
  let last: { parent: TaskKey; ended: Ended } | undefined;
  let dead: { parent: TaskKey; ended: Ended } | undefined;
  for (const parent of parentsOf(follow, own)) {
    const ended = endedOf(parent.job, parent.index);
    const isRight = ended && (ended.status === "ok" ? follow.success : follow.failure);
    if (!ended || !isRight || ended.engine === undefined) continue;
    if (follow.all && engines.size > 0 && !engines.has(ended.engine))
      return {
        is: "impossible",
        parent,
        ended,
        reason: `ran on engine ${ended.engine}, but another task to follow ran on engine ${[...engines.keys()][0]}`,
      };
    last = { parent, ended };
    if (isAlive(ended.engine, ended.generation ?? 0)) engines.set(ended.engine, ended.generation ?? 0);
    else dead = { parent, ended };
    if (follow.all && dead) break;
  }
  const gone = dead ?? last;
  if (engines.size > 0 && !(follow.all && dead))
    return {
      is: "engines",
      engines: [...engines].map(([id, generation]) => ({ id, generation })).sort((a, b) => a.id - b.id),
    };
  invariant(gone, "the follow is not met, so it has no location");
  return { is: "impossible", ...gone, reason: `ran on engine ${gone.ended.engine}, which has died since` };
}
