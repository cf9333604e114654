import type { Claimed, Listing, RowUpdate, Store, Updated } from "../../lambdas/adapters/store.ts";
import { type Engine, engineLoad } from "../../lambdas/core/engine.ts";
import { JOB_MOVES, type JobMove } from "../../lambdas/core/job-state.ts";
import { canMoveSession, sessionState } from "../../lambdas/core/session-state.ts";
import type { HighWaterMark } from "../../lambdas/protocol/flags.ts";
import { unpackOutcomePage } from "../../lambdas/protocol/packed-page.ts";
import type { Row, RowKey } from "../../lambdas/protocol/rows.ts";
import { isEngineKey, jobKey } from "../../lambdas/protocol/rows.ts";
import { engineOf } from "../../lambdas/scheduler/rows/engine-rows.ts";
import type { BudgetWatch } from "./budget-watch.ts";

/** A store that records every write that must never happen. */
export class AuditedStore implements Store {
  readonly #store: Store & { peek(key: RowKey): Row | undefined };
  readonly #hwm: HighWaterMark;
  readonly violations: string[];
  /** The tasks that pages name as the next ones. */
  readonly #named = new Set<string>();
  readonly #budgets: BudgetWatch;

  constructor(
    store: Store & { peek(key: RowKey): Row | undefined },
    hwm: HighWaterMark,
    budgets: BudgetWatch,
    violations: string[],
  ) {
    this.#store = store;
    this.#hwm = hwm;
    this.#budgets = budgets;
    this.violations = violations;
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
    const { next } = unpackOutcomePage(row);
    if (next === undefined) return;
    const name = `${row.pk.split("#")[1]}.${next}`;
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
    const standing = isEngineKey(row) ? this.#store.peek(row) : undefined;
    const done = await this.#store.swap(row, rev);
    if (done && isEngineKey(row)) {
      const engine = engineOf(row);
      if (standing) this.#checkSession(engineOf(standing), engine);
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
    return claimed;
  }

  async update(key: RowKey, change: RowUpdate): Promise<Updated | undefined> {
    const updated = await this.#store.update(key, change);
    if (updated && change.state !== undefined) this.#checkMove(key, updated.before?.state, change.state);
    return updated;
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
