import { type DependencyState, dependencyState, type EndedOf, groupState } from "../../core/dependency-state.ts";
import { type Ended, endedIn } from "../../core/ledger.ts";
import { Openings } from "../../core/openings.ts";
import { clippedTo, type ParentBucket, parentBuckets } from "../../core/wait-graph.ts";
import type { WaitGroup } from "../../protocol/dependency.ts";
import { bucketOf, ledgerKey, type Row } from "../../protocol/rows.ts";
import type { Cluster } from "../cluster.ts";

/** Ledgers read at a time while a group is judged. */
const READ_AT_ONCE = 10;

interface Ledger {
  ended: Map<number, Ended>;
  openings: Openings;
}

/** Ledgers as one pass has read them, and what it is about to write into them. */
export class LedgerView {
  readonly #cluster: Cluster;
  readonly #ledgers = new Map<string, Ledger>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Takes in a ledger's row as it stands. What this pass has noted of it stays. */
  put(job: string, bucket: number, row: Row | undefined): void {
    const ended = endedIn(row);
    for (const [index, noted] of this.#ledger(job, bucket)?.ended ?? []) if (!ended.has(index)) ended.set(index, noted);
    this.#ledgers.set(`${job}#${bucket}`, { ended, openings: new Openings(row?.opened) });
  }

  /** Notes how a task ends by this pass's own doing. */
  note(job: string, index: number, ended: Ended): void {
    const ledger = this.#ledger(job, bucketOf(index));
    if (ledger) ledger.ended.set(index, ended);
    else
      this.#ledgers.set(`${job}#${bucketOf(index)}`, {
        ended: new Map([[index, ended]]),
        openings: new Openings(undefined),
      });
  }

  readonly endedOf: EndedOf = (job, index) => this.#ledger(job, bucketOf(index))?.ended.get(index);

  /** What was opened of the ledger's waiting tasks, as far as is known here. */
  openings(job: string, bucket: number): Openings | undefined {
    return this.#ledger(job, bucket)?.openings;
  }

  /** Reads ledgers that are not known here, each once, however often it is named. */
  async load(buckets: readonly ParentBucket[]): Promise<void> {
    const named = new Map(buckets.map((one) => [`${one.job}#${one.bucket}`, one]));
    const missing = [...named.values()].filter(({ job, bucket }) => !this.#ledger(job, bucket));
    const rows = await this.#cluster.store.read(missing.map(({ job, bucket }) => ledgerKey(job, bucket)));
    for (const [at, { job, bucket }] of missing.entries()) this.put(job, bucket, rows[at]);
  }

  #ledger(job: string, bucket: number): Ledger | undefined {
    return this.#ledgers.get(`${job}#${bucket}`);
  }

  /**
   * How it stands with a group after something ended in one bucket. Reads other ledgers only when that bucket has said all it can
   * say: so a task after a map of n buckets is judged n times, not at each page.
   */
  async judgeAfter(job: string, group: WaitGroup, news: ParentBucket): Promise<DependencyState> {
    if (!this.#isDecisive(job, group, news)) return { is: "waiting" };
    return this.judge(job, group);
  }

  #isDecisive(job: string, group: WaitGroup, { job: parent, bucket }: ParentBucket): boolean {
    let isDecisive = false;
    for (const [dependency, isLocation] of dependenciesOf(group)) {
      const part = clippedTo(dependency, job, parent, bucket);
      if (part.on.length === 0) continue;
      const { is } = dependencyState(part, job, this.endedOf, isLocation);
      if (is === "impossible" && part.all) return true;
      if (is !== "waiting") isDecisive = true;
      else if (part.all) return false;
    }
    return isDecisive;
  }

  /** How it stands with a group, by the ledgers of all on which it depends; those not known here are read until one of them leaves it waiting. */
  async judge(job: string, group: WaitGroup): Promise<DependencyState> {
    const buckets = parentBuckets(group, job);
    for (let at = 0; at < buckets.length; at += READ_AT_ONCE) {
      const some = buckets.slice(at, at + READ_AT_ONCE);
      await this.load(some);
      if (buckets.length > READ_AT_ONCE && some.some((news) => this.#leavesWaiting(job, group, news)))
        return { is: "waiting" };
    }
    return groupState(group, job, this.endedOf);
  }

  /** Claims that something that must end well has not ended in this bucket, and nothing in it ended the wrong way. */
  #leavesWaiting(job: string, group: WaitGroup, { job: parent, bucket }: ParentBucket): boolean {
    for (const [dependency, isLocation] of dependenciesOf(group)) {
      const part = clippedTo(dependency, job, parent, bucket);
      if (!part.all || part.on.length === 0) continue;
      if (dependencyState(part, job, this.endedOf, isLocation).is === "waiting") return true;
    }
    return false;
  }
}

function dependenciesOf(group: WaitGroup) {
  const all = group.after.map((dependency) => [dependency, false] as const);
  return group.follow ? [...all, [group.follow, true] as const] : all;
}
