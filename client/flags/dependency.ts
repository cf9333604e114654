import type { DependencyAtRest, ParentRange } from "../../lambdas/protocol/dependency.ts";
import { InvalidDependency } from "../../lambdas/protocol/errors.ts";
import { mergedRanges } from "../../lambdas/protocol/index-ranges.ts";
import { INSPECT } from "../../lambdas/protocol/inspection.ts";
import { isJobId, parseTaskId } from "../../lambdas/protocol/task-id.ts";
import { AnyResult, KNOWN, PAST_ANY_TASK } from "./any-result.ts";
import { checkedId } from "./checked-id.ts";

/** A parent that a task can depend on: the id of a task or job, or a result, which stands for all of its tasks. */
export type Parent = string | AnyResult;

/** A value for the flags `after` and `follow`. A list stands for all of its members. */
export type Dep = Parent | Dependency | readonly Parent[];

/**
 * The condition under which a dependency is met.
 *
 * @example
 * const anyFailed = new Dependency(tasks, { all: false, success: false, failure: true });
 */
export interface DependencyOptions {
  /**
   * Whether every parent must have an outcome that counts; if false, one parent with such an outcome is enough. Default
   * true.
   */
  all?: boolean | undefined;
  /** Whether a successful parent counts. Default true. */
  success?: boolean | undefined;
  /**
   * Whether a failed parent counts. Any outcome but success is a failure, including aborts and impossible dependencies.
   * Default false.
   */
  failure?: boolean | undefined;
}

/**
 * Tasks to wait for, and which of their outcomes count, like ipyparallel's `Dependency`. A task whose dependency can no
 * longer be met fails with ImpossibleDependency. A dependency without parents is always met.
 *
 * @example
 * const either = new Dependency([first, second], { all: false });
 * view.withFlags({ after: either }).apply(report);
 */
export class Dependency {
  readonly all: boolean;
  readonly success: boolean;
  readonly failure: boolean;
  readonly parents: readonly Parent[];

  /**
   * @param parents ids of tasks or jobs, or results
   * @throws InvalidId for anything but an id or a result; InvalidDependency if neither success nor failure counts
   */
  constructor(parents: Parent | readonly Parent[], options: DependencyOptions = {}) {
    const { all = true, success = true, failure = false } = options;
    if (!success && !failure)
      throw new InvalidDependency(
        "success and failure are both false, so the dependency can never be met: set one to true",
      );
    const list: readonly unknown[] = Array.isArray(parents) ? parents : [parents];
    this.parents = list.map((parent) => (parent instanceof AnyResult ? parent : checkedId(parent)));
    this.all = all;
    this.success = success;
    this.failure = failure;
  }

  /** One line for `console.log`: the condition, and the number of parents. */
  [INSPECT](): string {
    const count = this.parents.length;
    const ends = [this.success ? "success" : [], this.failure ? "failure" : []].flat().join(" or ");
    return `Dependency { ${ends} of ${this.all ? "all" : "any"} of ${count} ${count === 1 ? "parent" : "parents"} }`;
  }
}

/**
 * Returns the value of an `after` or `follow` flag as a Dependency.
 *
 * @throws InvalidId and InvalidDependency, as the constructor of `Dependency` does
 */
export function asDependency(dep: Dep): Dependency {
  return dep instanceof Dependency ? dep : new Dependency(dep);
}

/** Encodes a dependency for the wire; `undefined` if it has no parents, and is therefore met. */
export function dependencyAtRest({ parents, all, success, failure }: Dependency): DependencyAtRest | undefined {
  const on = mergedParents(parents);
  return on.length === 0 ? undefined : { on, all, success, failure };
}

function rangesOfParent(parent: Parent): readonly ParentRange[] {
  if (parent instanceof AnyResult) return parent[KNOWN].parents;
  if (isJobId(parent)) return [[parent, 0, PAST_ANY_TASK]];
  const { job, index } = parseTaskId(parent);
  return [[job, index, index + 1]];
}

function mergedParents(parents: readonly Parent[]): ParentRange[] {
  const jobs = new Map<string, [number, number][]>();
  for (const parent of parents)
    for (const [job, from, to] of rangesOfParent(parent)) {
      const own = jobs.get(job) ?? [];
      const last = own.at(-1);
      // Parents are mostly listed in the order of their submission.
      if (last?.[1] === from) last[1] = Math.max(from, to);
      else own.push([from, to]);
      jobs.set(job, own);
    }
  return [...jobs].flatMap(([job, some]) => mergedRanges(some).map(([from, to]): ParentRange => [job, from, to]));
}

/** Types of the constructor's arguments. */
export declare namespace Dependency {
  export type { DependencyOptions as Options, Parent };
}
