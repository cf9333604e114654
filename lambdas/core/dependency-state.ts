import type { DependencyAtRest, WaitGroup } from "../protocol/dependency.ts";
import type { Ended } from "./ledger.ts";

/** A task by job and index. */
export interface Place {
  job: string;
  index: number;
}

/** How it stands with a dependency: one value of three. Met and impossible are for good. */
export type DependencyState =
  | { is: "waiting" }
  | { is: "met" }
  | { is: "impossible"; parent: Place; ended: Ended; reason: string };

const WAITING: DependencyState = { is: "waiting" };
const MET: DependencyState = { is: "met" };

/** What a dependency's tasks came to; `undefined`: not ended, or not known to have. */
export type EndedOf = (job: string, index: number) => Ended | undefined;

/** Tasks on which a dependency looks, in order. An empty job id is the depending task's own job. */
export function* parentsOf({ on }: DependencyAtRest, own: string): Generator<Place> {
  for (const [job, from, to] of on) for (let index = from; index < to; index++) yield { job: job || own, index };
}

/**
 * How it stands with one dependency, as in ipyparallel: for `all`, one task that ended the wrong way rules it out; for any,
 * one that ended the right way meets it.
 *
 * @param isLocation claims that it is a `follow`: a task that never ran on an engine then counts as one that ended the wrong way
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
    const told = isRight ? "never ran on an engine" : howItEnded(ended);
    wrong ??= { is: "impossible", parent, ended, reason: told };
    if (all) return wrong;
  }
  if (isWaiting) return WAITING;
  if (all || !wrong) return MET;
  return wrong;
}

function howItEnded({ status }: Ended): string {
  switch (status) {
    case "ok":
      return "succeeded, and only a failure was waited for";
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

/** How it stands with a group: met when all of its dependencies are, impossible when one is. */
export function groupState(group: Pick<WaitGroup, "after" | "follow">, own: string, endedOf: EndedOf): DependencyState {
  let isWaiting = false;
  for (const dependency of group.after) {
    const state = dependencyState(dependency, own, endedOf);
    if (state.is === "impossible") return state;
    if (state.is === "waiting") isWaiting = true;
  }
  if (group.follow) {
    const state = dependencyState(group.follow, own, endedOf, true);
    if (state.is === "impossible") return state;
    if (state.is === "waiting") isWaiting = true;
  }
  return isWaiting ? WAITING : MET;
}

/** Where a met `follow` lets its tasks run: the one engine that ran all of them, or each that ran one. */
export type Location =
  | { is: "engines"; engines: { id: number; life: number }[] }
  | { is: "impossible"; parent: Place; ended: Ended; reason: string };

/** @param isAlive claims that an engine lives on as the one that ran a task */
export function followLocation(
  follow: DependencyAtRest,
  own: string,
  endedOf: EndedOf,
  isAlive: (engine: number, life: number) => boolean,
): Location {
  const engines = new Map<number, number>();
  let last: { parent: Place; ended: Ended } | undefined;
  let dead: { parent: Place; ended: Ended } | undefined;
  for (const parent of parentsOf(follow, own)) {
    const ended = endedOf(parent.job, parent.index);
    const isRight = ended && (ended.status === "ok" ? follow.success : follow.failure);
    if (!ended || !isRight || ended.engine === undefined) continue;
    if (follow.all && engines.size > 0 && !engines.has(ended.engine))
      return {
        is: "impossible",
        parent,
        ended,
        reason: `ran on engine ${ended.engine}, and another of those to follow on engine ${[...engines.keys()][0]}`,
      };
    last = { parent, ended };
    if (isAlive(ended.engine, ended.life ?? 0)) engines.set(ended.engine, ended.life ?? 0);
    else dead = { parent, ended };
    if (follow.all && dead) break;
  }
  const gone = dead ?? last;
  if (engines.size > 0 && !(follow.all && dead))
    return { is: "engines", engines: [...engines].map(([id, life]) => ({ id, life })).sort((a, b) => a.id - b.id) };
  if (!gone) throw new Error("a location was asked of a follow that is not met");
  return { is: "impossible", ...gone, reason: `ran on engine ${gone.ended.engine}, which has died since` };
}
