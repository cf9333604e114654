import type { Store } from "../../adapters/store.ts";
import { type DependencyState, dependencyState, type EndedOf, groupState } from "../../core/dependency-state.ts";
import { type Ended, endedIn } from "../../core/ledger.ts";
import { Releases } from "../../core/releases.ts";
import { clippedTo, type ParentBucket, parentBuckets } from "../../core/wait-graph.ts";
import type { WaitGroup } from "../../protocol/dependency.ts";
import { bucketOf, ledgerKey, type Row } from "../../protocol/rows.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";

/** Number of ledgers to read at once while a group is evaluated. */
const READ_AT_ONCE = 10;

interface Ledger {
  ended: Map<number, Ended>;
  releases: Releases;
}

/** The ledgers that one pass has read, together with the outcomes that it is about to write. */
export class LedgerView {
  readonly #store: Store;
  readonly #ledgers = new Map<string, Ledger>();

  constructor({ store }: StoreAccess) {
    this.#store = store;
  }

  /** Stores a ledger's row as read and keeps the outcomes that this pass has noted. */
  put(job: string, bucket: number, row: Row | undefined): void {
    const ended = endedIn(row);
    for (const [index, noted] of this.#ledger(job, bucket)?.ended ?? []) if (!ended.has(index)) ended.set(index, noted);
    this.#ledgers.set(`${job}#${bucket}`, { ended, releases: new Releases(row?.opened) });
  }

  /** Notes an outcome that this pass gives a task. */
  note(job: string, index: number, ended: Ended): void {
    const ledger = this.#ledger(job, bucketOf(index));
    if (ledger) ledger.ended.set(index, ended);
    else
      this.#ledgers.set(`${job}#${bucketOf(index)}`, {
        ended: new Map([[index, ended]]),
        releases: new Releases(undefined),
      });
  }

  readonly endedOf: EndedOf = (job, index) => this.#ledger(job, bucketOf(index))?.ended.get(index);

  /** The releases in a ledger; `undefined` if it is not loaded. */
  releases(job: string, bucket: number): Releases | undefined {
    return this.#ledger(job, bucket)?.releases;
  }

  /** Reads ledgers that are not loaded yet, each only once. */
  async load(buckets: readonly ParentBucket[]): Promise<void> {
    const named = new Map(buckets.map((one) => [`${one.job}#${one.bucket}`, one]));
    const missing = [...named.values()].filter(({ job, bucket }) => !this.#ledger(job, bucket));
    const rows = await this.#store.read(missing.map(({ job, bucket }) => ledgerKey(job, bucket)));
    for (const [at, { job, bucket }] of missing.entries()) this.put(job, bucket, rows[at]);
  }

  #ledger(job: string, bucket: number): Ledger | undefined {
    return this.#ledgers.get(`${job}#${bucket}`);
  }

  /**
   * Evaluates a group after tasks ended in one bucket. Reads other ledgers only if that bucket's part of the group is
   * decided. A group that depends on a map of n buckets then causes these reads n times, not once per page.
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

  /**
   * Evaluates a group by the ledgers of all its parents. Reads the ledgers that are not loaded yet, until one shows
   * that the group still waits.
   */
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

  /**
   * Whether an `all` dependency of the group must still wait for this bucket: some of its parents there have not ended,
   * and none has the wrong outcome.
   */
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
