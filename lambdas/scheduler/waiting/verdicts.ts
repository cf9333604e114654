import type { Ended } from "../../core/ledger.ts";
import type { ParentBucket } from "../../core/wait-graph.ts";
import type { WaitGroup } from "../../protocol/dependency.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { bucketOf } from "../../protocol/rows.ts";
import type { LedgerView } from "../rows/ledger-view.ts";
import type { JobAccess } from "../rows/row-access.ts";
import { waitGraph } from "../rows/wait-rows.ts";
import type { DecidedGroup } from "./resolve-groups.ts";

/** A waiting group, and the header of its job. */
export interface Candidate {
  header: JobHeader;
  group: WaitGroup;
}

/** Evaluates groups that ended tasks may have decided, and the groups of the same job that these decide in turn. */
export class Verdicts {
  readonly #cluster: JobAccess;
  readonly #view: LedgerView;
  readonly #queue: (Candidate & { news: ParentBucket })[] = [];
  readonly #decided = new Map<string, DecidedGroup>();

  constructor(cluster: JobAccess, view: LedgerView) {
    this.#cluster = cluster;
    this.#view = view;
  }

  add(candidate: Candidate, news: ParentBucket): void {
    this.#queue.push({ ...candidate, news });
  }

  /** Adds a group whose state is already known. */
  async decide(decided: DecidedGroup): Promise<void> {
    const { header, group, state, end } = decided;
    this.#decided.set(`${header.id}.${group.from}`, decided);
    if (state.is === "impossible" || end) await this.#follow(header, group);
  }

  /**
   * Evaluates the added groups and returns those that are decided. A failure propagates through a whole chain of one
   * job's groups in a single pass, so that few pages are written.
   */
  async decided(): Promise<DecidedGroup[]> {
    const seen = new Set<string>();
    for (let at = 0; at < this.#queue.length; at++) {
      const one = this.#queue[at];
      if (!one) break;
      const { header, group, news } = one;
      const name = `${header.id}.${group.from}`;
      const pair = `${name} ${news.job}#${news.bucket}`;
      if (this.#decided.has(name) || (seen.has(pair) && !this.#hasNoted(one))) continue;
      seen.add(pair);
      const releases = this.#view.releases(header.id, bucketOf(group.from));
      if (releases && releases.waiting([group.from, group.to]).length === 0) continue;
      const state = await this.#view.judgeAfter(header.id, group, news);
      if (state.is === "waiting") continue;
      await this.decide({ header, group, state });
    }
    return [...this.#decided.values()];
  }

  readonly #noted = new Set<string>();

  /** Whether this pass itself has ended tasks in the bucket of `news`. */
  #hasNoted({ news }: { news: ParentBucket }): boolean {
    return this.#noted.has(`${news.job}#${news.bucket}`);
  }

  async #follow(header: JobHeader, group: WaitGroup): Promise<void> {
    const graph = await waitGraph(this.#cluster, header.id);
    const ended: Ended = { status: "impossible", first: group.from, lease: "0" };
    for (let index = group.from; index < group.to; index++) {
      if (this.#view.endedOf(header.id, index)) continue;
      this.#view.note(header.id, index, ended);
      const news = { job: header.id, bucket: bucketOf(index) };
      this.#noted.add(`${news.job}#${news.bucket}`);
      for (const child of graph.childrenOf(index)) this.add({ header, group: child }, news);
    }
  }
}
