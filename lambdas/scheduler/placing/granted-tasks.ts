import type { Lease } from "../../core/lease.ts";
import type { WaitGraph } from "../../core/wait-graph.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { type FunctionReference, isDeployed } from "../../protocol/function-reference.ts";
import type { GrantedTask } from "../../protocol/grant.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import type { SpecPage, TaskArguments } from "../../protocol/spec-page.ts";
import { takesResults } from "../waiting/result-arguments.ts";

/** The tasks of a lease as its engine receives them. */
interface GrantedTasks {
  tasks: GrantedTask[];
  /** The tasks' functions, each once. Tasks refer to them by position. */
  functions: FunctionReference[];
  /** The tasks whose arguments refer to results of others. The caller must fill in these arguments. */
  references: [GrantedTask, TaskArguments][];
}

/**
 * Builds the tasks of a lease from their specs.
 *
 * @param pages spec pages by their first task
 * @param graph the job's wait groups, if any of its tasks wait
 * @throws ClusterError if a task's spec is missing
 */
export function grantedTasks(
  header: JobHeader,
  lease: Lease,
  pages: ReadonlyMap<number, SpecPage>,
  graph: WaitGraph | undefined,
): GrantedTasks {
  const held = new Map<number, number>();
  const functions = new FunctionList();
  const tasks: GrantedTask[] = [];
  const references: [GrantedTask, TaskArguments][] = [];
  for (const { from, to, attempt } of lease.ranges)
    for (let index = from; index < to; index++) {
      const first = index - (index % header.pageTasks);
      const page = pages.get(first);
      const spec = page?.tasks[index - first];
      const reference = spec && page?.functions[spec[0]];
      if (!spec || !reference)
        throw new ClusterError(`the arguments of task ${lease.job}.${index} are missing: submit the task again`);
      const needs = graph ? neededInLease(graph, index, held) : [];
      held.set(index, tasks.length);
      const task: GrantedTask = [index, attempt, functions.positionOf(reference), ""];
      if (takesResults(spec[1])) references.push([task, spec[1]]);
      else task[3] = spec[1];
      if (needs.length > 0) task.push(needs);
      tasks.push(task);
    }
  return { tasks, functions: functions.list, references };
}

/** Functions in the order of their first use. */
class FunctionList {
  readonly list: FunctionReference[] = [];
  readonly #positions = new Map<string, number>();

  /** Returns a function's position in the list, to which a new function is added. */
  positionOf(reference: FunctionReference): number {
    const name = isDeployed(reference)
      ? JSON.stringify(reference)
      : reference.code + JSON.stringify([reference.data, reference.classes]);
    const known = this.#positions.get(name);
    if (known !== undefined) return known;
    const position = this.list.push(reference) - 1;
    this.#positions.set(name, position);
    return position;
  }
}

/** Positions of the earlier tasks in the lease that must succeed before this one may start. */
function neededInLease(graph: WaitGraph, index: number, held: ReadonlyMap<number, number>): number[] {
  const needs: number[] = [];
  for (const { on, all } of graph.groupOf(index)?.after ?? []) {
    if (!all) continue;
    for (const [job, from, to] of on) {
      if (job !== "") continue;
      if (to - from > held.size) {
        for (const [other, position] of held) if (other >= from && other < to) needs.push(position);
        continue;
      }
      for (let other = from; other < to; other++) {
        const position = held.get(other);
        if (position !== undefined) needs.push(position);
      }
    }
  }
  return needs;
}
