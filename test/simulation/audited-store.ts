import type { Claimed, Listing, RowUpdate, Store, Updated } from "../../lambdas/adapters/store.ts";
import { type Engine, engineLoad } from "../../lambdas/core/engine.ts";
import { JOB_MOVES, type JobMove } from "../../lambdas/core/job-state.ts";
import { attemptIn } from "../../lambdas/core/lease.ts";
import { isRecallText } from "../../lambdas/core/recall.ts";
import { canMoveSession, sessionState } from "../../lambdas/core/session-state.ts";
import type { HighWaterMark } from "../../lambdas/protocol/flags.ts";
import { unpackOutcomePage } from "../../lambdas/protocol/packed-page.ts";
import type { Row, RowKey } from "../../lambdas/protocol/rows.ts";
import { isEngineKey, jobKey } from "../../lambdas/protocol/rows.ts";
import { engineOf } from "../../lambdas/scheduler/rows/engine-rows.ts";
import { headerOf } from "../../lambdas/scheduler/rows/job-row.ts";
import type { BudgetWatch } from "./budget-watch.ts";
import type { LeaseRules } from "./lease-rules.ts";
import type { RecallRules } from "./recall-rules.ts";
import type { TablesView } from "./tables-view.ts";

/** The parts of the world that an audit uses. */
export interface Audit {
  store: Store & { peek(key: RowKey): Row | undefined };
  view: TablesView;
  hwm: HighWaterMark;
  budgets: BudgetWatch;
  rules: LeaseRules;
  recalls: RecallRules;
  /** Whether schedulers neither die nor stall, so that no task may be considered lost. */
  isCalm: boolean;
  violations: string[];
}

/** A store that records every write that must never happen. */
export class AuditedStore implements Store {
  readonly #store: Audit["store"];
  readonly #audit: Audit;
  readonly #hwm: HighWaterMark;
  readonly violations: string[];
  /** The tasks that pages name as the next ones. */
  readonly #named = new Set<string>();
  readonly #budgets: BudgetWatch;

  constructor(audit: Audit) {
    this.#audit = audit;
    this.#store = audit.store;
    this.#hwm = audit.hwm;
    this.#budgets = audit.budgets;
    this.violations = audit.violations;
  }

  #isPermanent({ sk }: RowKey): boolean {
    return sk.startsWith("o#") || sk.startsWith("r#") || sk === "job";
  }

  /** Whether the row's job is being purged. */
  #isPurged({ pk }: RowKey): boolean {
    return this.#store.peek(jobKey(pk.split("#")[1] ?? ""))?.state === "purging";
  }

  write(rows: readonly Row[]): Promise<void> {
    for (const row of rows) {
      const standing = this.#store.peek(row);
      if (this.#isPermanent(row)) this.violations.push(`${row.pk}/${row.sk} was written without a condition`);
      if (row.sk.startsWith("s#") && standing && standing.body !== row.body)
        this.violations.push(`the spec page ${row.pk}/${row.sk} changed`);
      if (row.sk === "scan") this.#audit.recalls.scanned(row);
    }
    return this.#store.write(rows);
  }

  async putOnce(row: Row): Promise<Row | undefined> {
    const standing = await this.#store.putOnce(row);
    if (!standing && row.sk.startsWith("o#")) this.#checkNext(row);
    if (!standing && row.sk === "job") this.#checkMove(row, undefined, row.state);
    return standing;
  }

  /** Records a task that two pages name as the next one. */
  #checkNext(row: Row): void {
    const { next, engine } = unpackOutcomePage(row);
    if (next === undefined) return;
    const job = row.pk.split("#")[1] ?? "";
    const name = `${job}.${next}`;
    if (engine !== undefined) this.#audit.rules.check({ job, index: next, attempt: 1, engine });
    if (this.#named.has(name)) this.violations.push(`${name} is named as the next task by two pages`);
    this.#named.add(name);
  }

  /** Records a move of a job that is not in the table of moves. */
  #checkMove({ pk }: RowKey, before: string | undefined, after: string | undefined): void {
    const moves: readonly JobMove[] = Object.values(JOB_MOVES);
    const isKnown = moves.some(
      ({ from, to }) =>
        to === after && (before === undefined ? from.length === 0 : from.some((state) => state === before)),
    );
    if (!isKnown) this.violations.push(`${pk} went from ${before ?? "nothing"} to ${after}`);
  }

  async swap(row: Row, rev: number): Promise<boolean | undefined> {
    const isEngine = isEngineKey(row);
    const standing = isEngine ? this.#store.peek(row) : undefined;
    const followed = standing && this.#audit.view.engine(standing);
    const done = await this.#store.swap(row, rev);
    if (done && isEngine) {
      const engine = engineOf(row);
      const before = standing && engineOf(standing);
      if (before) this.#checkSession(before, engine);
      if (before) this.#checkLeases([before, followed ?? before], engine);
      const load = engineLoad(engine);
      if (row.load !== load)
        this.violations.push(`engine ${engine.id}: its row tells load ${row.load}, its leases hold ${load}`);
      if (typeof this.#hwm === "number" && this.#hwm > 0 && load > this.#hwm)
        this.violations.push(`engine ${engine.id}: load ${load} is above the high-water mark ${this.#hwm}`);
      if (row.body.length > 16_000)
        this.violations.push(`engine ${engine.id}: its row has ${row.body.length} characters`);
      if (load > 0 && !engine.session) this.violations.push(`engine ${engine.id}: leases without a session`);
    }
    return done;
  }

  /** Checks the tasks that an engine has just received. */
  #checkLeases(before: readonly Engine[], after: Engine): void {
    const { rules } = this.#audit;
    const held = before.flatMap(({ leases, parked }) => [...leases, ...parked]);
    for (const { job, ranges, queued, queue } of after.leases)
      for (const { from, to, attempt } of ranges)
        for (let index = from; index < to; index++)
          if (!held.some((lease) => lease.job === job && attemptIn(lease, index) === attempt))
            rules.check({ job, index, attempt, engine: after.id, entry: { queued, queue } });
    rules.noteEngine(after);
  }

  /** Records a move of an engine's session that is not in the table of moves. */
  #checkSession({ id, session: before }: Engine, { session: after }: Engine): void {
    const [from, to] = [sessionState(before), sessionState(after)];
    if (!canMoveSession(from, to)) this.violations.push(`the session of engine ${id} went from ${from} to ${to}`);
    if (before && after && before.id !== after.id && to !== "invoked")
      this.violations.push(`engine ${id} began a session while it had another, which was ${from}`);
  }

  async claim(key: RowKey, count: number, size?: number, spent?: number): Promise<Claimed | undefined> {
    const claimed = await this.#store.claim(key, count, size, spent);
    if (claimed) this.#budgets.claimed(key, claimed);
    if (claimed && key.sk === "job") this.#audit.recalls.claimed(key.pk, [claimed.from, claimed.from + claimed.taken]);
    return claimed;
  }

  async update(key: RowKey, change: RowUpdate): Promise<Updated | undefined> {
    const updated = await this.#store.update(key, change);
    if (updated && change.state !== undefined) this.#checkMove(key, updated.before?.state, change.state);
    if (updated && change.state === "closed") this.#checkClosed(updated.after);
    if (this.#audit.isCalm && change.aborted?.some(isRecallText))
      this.violations.push(`${key.pk}: tasks were recalled although no scheduler had died or stalled`);
    if (updated && change.aborted?.some(isRecallText)) {
      const [early] = this.#audit.recalls.tooSoon(key.pk, change.aborted);
      if (early) this.violations.push(`${key.pk}: task ${early[0]} was recalled right after its claim`);
    }
    return updated;
  }

  /** Records a violation if a job was closed before all of its tasks had an outcome. */
  #checkClosed(row: Row): void {
    const { id, tasks } = headerOf(row);
    const ended = this.#audit.view.outcomes({ id, tasks }).size;
    if (ended < tasks) this.violations.push(`${id.slice(-3)} was closed with ${ended} of ${tasks} outcomes`);
  }

  read(keys: readonly RowKey[]): Promise<(Row | undefined)[]> {
    return this.#store.read(keys);
  }

  list(pk: string, listing?: Listing): Promise<Row[]> {
    return this.#store.list(pk, listing);
  }

  remove(keys: readonly RowKey[]): Promise<void> {
    for (const key of keys)
      if (this.#isPermanent(key) && !this.#isPurged(key)) this.violations.push(`${key.pk}/${key.sk} was deleted`);
    return this.#store.remove(keys);
  }
}
