import type { ClaimedWork } from "../../core/claimed-work.ts";
import { type DependencyState, followLocation } from "../../core/dependency-state.ts";
import type { Engine } from "../../core/engine.ts";
import { eligibility, queueName } from "../../core/queue-name.ts";
import type { DependencyAtRest, WaitGroup } from "../../protocol/dependency.ts";
import type { IndexRange } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { bucketOf } from "../../protocol/rows.ts";
import type { Configured } from "../ports/cluster-config.ts";
import type { Clock, StoreAccess } from "../ports/scheduler-ports.ts";
import { listEngines } from "../rows/engine-rows.ts";
import type { LedgerView } from "../rows/ledger-view.ts";
import type { EndedPage } from "../rows/outcome-rows.ts";
import type { FleetAccess } from "../rows/row-access.ts";
import { edgeKeys, fallenRows } from "../rows/wait-rows.ts";
import { type End, endReleased, impossible, releaseTasks } from "./release-groups.ts";
import { inOrder, releasedWork } from "./released-work.ts";

/** A group whose dependencies are decided. */
export interface DecidedGroup {
  header: JobHeader;
  group: WaitGroup;
  state: DependencyState & { is: "met" | "impossible" };
  /** The group's outcome. It takes precedence over the state. */
  end?: End | undefined;
}

/** The result of resolving groups. */
export interface Resolved {
  /** Tasks that may run now: claimed, to be leased or queued by the caller. */
  works: ClaimedWork[];
  /** Pages of tasks that can never run, whose dependents are still to be resolved. */
  ended: EndedPage[];
}

/**
 * Releases groups whose dependencies are met, and ends those that are impossible. Tasks that another scheduler has
 * released are left alone.
 */
export async function resolveGroups(
  cluster: FleetAccess & Clock,
  view: LedgerView,
  decided: readonly DecidedGroup[],
): Promise<Resolved> {
  const engines = decided.some(({ group, state }) => group.follow && state.is === "met")
    ? await listEngines(cluster)
    : [];
  const placed = decided.map((one) => ({ ...one, ...whereTo(cluster, one, view, engines) }));
  const resolved: Resolved = { works: [], ended: [] };
  const queued = cluster.now();
  const bundles = new Map<string, typeof placed>();
  for (const one of placed) {
    const name = `${one.header.id}#${bucketOf(one.group.from)}#${one.end ? "end" : one.queue}`;
    bundles.set(name, [...(bundles.get(name) ?? []), one]);
  }
  await Promise.all([
    dropEdges(cluster, placed),
    ...[...bundles.values()].map(async (bundle) => {
      const [first] = bundle;
      if (!first) return;
      const { header } = first;
      const ranges = bundle.map(({ group }): IndexRange => [group.from, group.to]);
      const released = await releaseTasks(cluster, view, {
        job: header.id,
        ranges,
        bucket: bucketOf(first.group.from),
      });
      if (first.end) {
        const { end: firstEnd } = first;
        const ends = new Map<number, End>();
        for (const { group, end } of bundle)
          if (end) for (let index = group.from; index < group.to; index++) ends.set(index, end);
        resolved.ended.push(
          ...(await endReleased(cluster, header.id, released, (index) => ends.get(index) ?? firstEnd)),
        );
      } else resolved.works.push(...releasedWork(cluster, header, first.queue, released, queued));
    }),
  ]);
  return { ...resolved, works: inOrder(resolved.works) };
}

/**
 * The queue of a decided group, and its outcome if it cannot run, for example because it may run on none of the engines
 * that it must follow.
 */
export function whereTo(
  cluster: Configured,
  { header, group, state, end }: DecidedGroup,
  view: LedgerView,
  engines: readonly Engine[],
): { queue: string; end?: End } {
  const queue = queueName(header.flags, cluster.config.pools);
  if (end) return { queue, end };
  switch (state.is) {
    case "impossible":
      return { queue, end: { status: "impossible", error: impossible(state) } };
    case "met":
      return group.follow ? queueAt(cluster, header, group.follow, { view, engines }) : { queue };
  }
}

/** The queue of tasks with a met `follow`. It names those of the engines to follow that may run the tasks. */
function queueAt(
  cluster: Configured,
  header: JobHeader,
  follow: DependencyAtRest,
  { view, engines }: { view: LedgerView; engines: readonly Engine[] },
): { queue: string; end?: End } {
  const queue = queueName(header.flags, cluster.config.pools);
  const isAlive = (id: number, generation: number) =>
    engines.some((engine) => engine.id === id && engine.generation === generation);
  const location = followLocation(follow, header.id, view.endedOf, isAlive);
  if (location.is === "impossible")
    return { queue, end: { status: "impossible", error: impossible({ ...location, is: "impossible" }) } };
  const isEligible = eligibility(queue);
  const allowed = engines.filter((engine) => location.engines.some(({ id }) => id === engine.id) && isEligible(engine));
  const ids = allowed.map(({ id }) => id);
  if (ids.length > 0) {
    const { memoryMb: _, ...flags } = header.flags;
    return { queue: queueName({ ...flags, targets: ids.sort((a, b) => a - b) }, cluster.config.pools) };
  }
  const [parent] = follow.on;
  const reason = `ran on engine ${location.engines.map(({ id }) => id).join(", ")}, which the task's own targets or memoryMb exclude`;
  const dependency = parent ? `${parent[0] || header.id}.${parent[1]}` : undefined;
  const evalue = `it follows task ${dependency}, which ${reason}`;
  return {
    queue,
    end: {
      status: "impossible",
      error: { code: "ImpossibleDependency", ename: "ImpossibleDependency", evalue, dependency, reason },
    },
  };
}

/**
 * Deletes the edges to decided groups. Edges to groups with an impossible dependency are first copied to another
 * partition, for resubmission. If this pass dies, the sweep writes the edges again.
 */
async function dropEdges(
  cluster: StoreAccess,
  placed: readonly (Pick<DecidedGroup, "header" | "group"> & { end?: End | undefined })[],
): Promise<void> {
  const fallen = placed.filter(({ end }) => end?.error.code === "ImpossibleDependency");
  const kept = fallen.flatMap(({ header, group }) => fallenRows(header.id, group));
  if (kept.length > 0) await cluster.store.write(kept);
  const edges = placed.flatMap(({ header, group }) => edgeKeys(header.id, group));
  if (edges.length > 0) await cluster.store.remove(edges);
}
