import type { Store } from "../../lambdas/adapters/store.ts";
import { attemptIn, firstIndex } from "../../lambdas/core/lease.ts";
import { unpackOutcomePage } from "../../lambdas/protocol/packed-page.ts";
import { ENGINE_PARTITION, engineKey, isEngineKey, type Row } from "../../lambdas/protocol/rows.ts";
import { engineOf, engineRow } from "../../lambdas/scheduler/rows/engine-rows.ts";
import { NO_FAULTS } from "./faults.ts";
import type { MemoryStore } from "./memory-store.ts";
import type { RunOptions } from "./random-run.ts";
import { type Endpoints, REAL_ENDPOINTS } from "./scheduler-fleet.ts";
import type { VirtualClock } from "./virtual-clock.ts";

type Tables = Store & Pick<MemoryStore, "peek" | "partitions">;

/** A scheduler from which a safeguard is removed from outside. */
export interface PlantedBug {
  name: string;
  /** Matches the violation that the simulation must report. */
  found: RegExp;
  /** The seed to try first. */
  seed?: number;
  options: RunOptions;
}

/** Run options with a store some of whose verbs are replaced. */
function store(change: (real: Tables, clock: VirtualClock) => Partial<Store>, options: RunOptions = {}): RunOptions {
  const variant = (real: Tables, clock: VirtualClock): Store => {
    const verbs: Store = {
      write: (rows) => real.write(rows),
      putOnce: (row) => real.putOnce(row),
      swap: (row, rev) => real.swap(row, rev),
      claim: (...of) => real.claim(...of),
      update: (key, update) => real.update(key, update),
      read: (keys) => real.read(keys),
      list: (pk, listing) => real.list(pk, listing),
      remove: (keys) => real.remove(keys),
    };
    return { ...verbs, ...change(real, clock) };
  };
  return { ...options, settings: { ...options.settings, variant } };
}

/** Run options with endpoints that first change their messages. */
function endpoints(
  change: Partial<{
    [D in keyof Endpoints]: (
      message: Record<string, unknown>,
      engine: (id: unknown) => Promise<Row | undefined>,
    ) => Promise<unknown>;
  }>,
  options: RunOptions = {},
): RunOptions {
  const through =
    <D extends keyof Endpoints>(endpoint: D): Endpoints[D] =>
    async (cluster: Parameters<Endpoints[D]>[0], payload: unknown) => {
      const engine = async (id: unknown) => (await cluster.store.read([engineKey(Number(id))]))[0];
      const changed = change[endpoint] ? await change[endpoint](payload as Record<string, unknown>, engine) : payload;
      return REAL_ENDPOINTS[endpoint](cluster, changed) as never;
    };
  return { ...options, settings: { endpoints: { scheduler: through("scheduler"), report: through("report") } } };
}

async function currentSession(row: Promise<Row | undefined>): Promise<string | undefined> {
  const standing = await row;
  return standing && engineOf(standing).session?.id;
}

/**
 * Serves a partition as it was a moment ago. Queues only if they were empty, since an outdated entry would be claimed
 * forever.
 */
function stale(isStale: (pk: string) => boolean, ms: number) {
  return (real: Tables, clock: VirtualClock): Partial<Store> => {
    const seen = new Map<string, { at: number; rows: Row[] }>();
    return {
      async list(pk, listing) {
        if (!isStale(pk) || listing?.from || listing?.to) return real.list(pk, listing);
        const known = seen.get(pk);
        const isOld = pk === ENGINE_PARTITION || known?.rows.length === 0;
        if (known && isOld && clock.now() - known.at < ms) return known.rows.slice(0, listing?.limit);
        const rows = await real.list(pk);
        seen.set(pk, { at: clock.now(), rows });
        return rows.slice(0, listing?.limit);
      },
    };
  };
}

/** The row of a page without the task that it names as the next one. */
function withoutNext(row: Row): Row {
  return row.sk.startsWith("o#") ? { ...row, body: row.body.replace(/,"n":\d+/, "") } : row;
}

/** The row of an engine whose first lease keeps the hop that it had before some of its tasks were reported. */
function withName(row: Row, standing: Row): Row {
  const engine = engineOf(row);
  const [lease, ...others] = engine.leases;
  const [before] = engineOf(standing).leases;
  const isKept = lease && before && lease.job === before.job && attemptIn(before, firstIndex(lease)) !== undefined;
  return isKept ? engineRow({ ...engine, leases: [{ ...lease, hop: before.hop }, ...others] }) : row;
}

/** The row of a page, as if a lease with several attempts had one hop less. */
function withLowerHop(row: Row): Row {
  const isMixed = row.sk.startsWith("o#") && new Set(unpackOutcomePage(row).entries.map((one) => one.attempt)).size > 1;
  return isMixed ? { ...row, sk: row.sk.replace(/\d+$/, (hop) => String(Math.max(0, Number(hop) - 1))) } : row;
}

/** A client waits while schedulers stall with claimed work, and nothing else goes wrong. */
const HELD_UP: RunOptions = {
  rates: NO_FAULTS,
  stranding: { rate: 0.15, stalls: 1 },
  recovery: { ms: 75_000, attended: true },
  blackouts: 0,
};

export const PLANTED_BUGS: PlantedBug[] = [
  {
    name: "an outcome page replaces a tombstone",
    found: /outcomes/,
    seed: 28,
    options: store(
      (real) => ({
        async putOnce(row) {
          const standing = await real.putOnce(row);
          if (!standing || !row.sk.startsWith("o#")) return standing;
          real.partitions.get(row.pk)?.set(row.sk, row);
          return undefined;
        },
      }),
      { rates: { stall: 0.1, crash: 0.5 } },
    ),
  },
  {
    name: "a scheduler stops waiting while its engine may still answer",
    found: /started twice/,
    seed: 11,
    options: { faults: false, settings: { called: ({ event }) => ({ event, waitMs: 10 }) } },
  },
  {
    name: "an outcome is answered before its page is stored",
    found: /which is not stored/,
    options: store(
      (real, clock) => ({
        async putOnce(row) {
          if (!row.sk.startsWith("o#")) return real.putOnce(row);
          clock.at(clock.now() + 200, () => void real.putOnce(row));
          return undefined;
        },
      }),
      { faults: false },
    ),
  },
  {
    name: "begin binds no nonce to the session",
    found: /started twice/,
    seed: 4,
    options: endpoints(
      { report: async (message) => ("nonce" in message ? { ...message, nonce: "0".repeat(32) } : message) },
      { faults: false, rates: { delivery: 0.7 } },
    ),
  },
  {
    name: "a session that may report before it begins is revoked without a fence",
    found: /outcomes/,
    seed: 70,
    options: store(
      (real) => ({
        swap: (row, rev) => real.swap({ ...row, body: row.body.replace(/"early":true,|,"early":true/, "") }, rev),
      }),
      { rates: { ...NO_FAULTS, delivery: 1, crash: 0.6 }, blackouts: 0 },
    ),
  },
  {
    name: "a session that has ended may still report",
    found: /outcomes|lost/,
    seed: 11,
    options: endpoints(
      {
        report: async (message, engine) => {
          if (message.type !== "report" && message.type !== "begin") return message;
          return {
            ...message,
            nonce: "0".repeat(32),
            session: (await currentSession(engine(message.engine))) ?? message.session,
          };
        },
      },
      { rates: { delivery: 0.7, crash: 0.3 } },
    ),
  },
  {
    name: "an engine that goes idle does not read its queue again",
    found: /has room while/,
    seed: 20,
    options: store(
      (real) => ({
        list: async (pk, listing) => (pk.startsWith("q#") && listing?.limit === 1 ? [] : real.list(pk, listing)),
      }),
      { faults: false },
    ),
  },
  {
    name: "an engine's row is replaced whatever its rev",
    found: /outcomes|not complete/,
    seed: 5,
    options: store((real) => ({ swap: async (row) => real.swap(row, real.peek(row)?.rev ?? 0) }), { faults: false }),
  },
  {
    name: "tasks that still run when their engine asks for more keep the name of their lease",
    found: /started twice|outcomes|not complete/,
    seed: 8,
    options: store(
      (real) => ({
        swap(row, rev) {
          const standing = real.peek(row);
          return real.swap(standing && isEngineKey(row) ? withName(row, standing) : row, rev);
        },
      }),
      { faults: false },
    ),
  },
  {
    name: "nobody follows the pages that name an engine's next task",
    found: /not complete|outcomes/,
    options: store(
      (real) => ({
        read: async (keys) => (await real.read(keys)).map((row) => row && withoutNext(row)),
        async putOnce(row) {
          const standing = await real.putOnce(row);
          return standing && withoutNext(standing);
        },
      }),
      { rates: { crash: 0.5 }, settings: { hwm: 1 } },
    ),
  },
  {
    name: "no look remembers which tasks it found missing",
    seed: 6,
    found: /not complete/,
    options: store(
      (real) => ({
        write: (rows) => real.write(rows.map((row) => (row.sk === "scan" ? { ...row, body: "{}" } : row))),
      }),
      { rates: { kill: 0.05 } },
    ),
  },
  {
    name: "sessions that never began are not recovered",
    seed: 2,
    found: /not complete/,
    options: endpoints(
      {
        scheduler: async (message) =>
          message.type === "sweep" || message.type === "tick" ? { type: "status" } : message,
      },
      { rates: { delivery: 0.5 } },
    ),
  },
  {
    name: "requeued tasks are claimed without a condition",
    found: /outcomes/,
    seed: 4,
    options: store((real) => {
      const doubled = new Set<string>();
      return {
        async claim(key, count, size) {
          const claimed = await real.claim(key, count, size);
          const name = `${key.pk}/${key.sk}`;
          if (claimed || size === undefined || doubled.has(name)) return claimed;
          doubled.add(name);
          return { from: 0, taken: Math.min(count, size), to: size, row: undefined };
        },
      };
    }),
  },
  {
    name: "a claim is a read and a separate write",
    found: /outcomes/,
    seed: 12,
    options: store(
      (real, clock) => ({
        async claim(key, count, size, spent) {
          const row = real.peek(key);
          if (size !== undefined || row?.state !== "open") return real.claim(key, count, size, spent);
          const [from, to] = [row.from ?? 0, row.to ?? 0];
          if (from >= to) return undefined;
          await clock.sleep(2);
          real.partitions.get(key.pk)?.set(key.sk, { ...row, from: from + count });
          return { from, taken: Math.min(count, to - from), to, row };
        },
      }),
      { faults: false },
    ),
  },
  {
    name: "a claim does not see aborts",
    found: /outcomes/,
    options: store(
      (real) => ({
        async claim(...of) {
          const claimed = await real.claim(...of);
          return claimed?.row ? { ...claimed, row: { ...claimed.row, aborted: undefined } } : claimed;
        },
      }),
      { faults: false },
    ),
  },
  {
    name: "an abort ignores the cursor",
    found: /outcomes/,
    options: store(
      (real) => ({
        update(key, { only: { cursorAtMost: _, ...only } = {}, ...update }) {
          return real.update(key, { ...update, only });
        },
      }),
      { faults: false, abortsAtCursor: true },
    ),
  },
  {
    name: "a repeated submit counts as a second one",
    found: /outcomes/,
    options: store((real) => ({
      async putOnce(row) {
        const standing = await real.putOnce(row);
        if (!standing || row.sk !== "job") return standing;
        real.partitions.get(row.pk)?.set(row.sk, row);
        return undefined;
      },
    })),
  },
  {
    name: "a failure record revokes any session of its engine",
    found: /revoked/,
    seed: 34,
    options: endpoints(
      {
        report: async (message, engine) => {
          const payload = message.requestPayload as { engine: number; session: string } | undefined;
          if (!payload) return message;
          const session = (await currentSession(engine(payload.engine))) ?? payload.session;
          return { ...message, requestPayload: { ...payload, session } };
        },
      },
      { rates: { record: 0.9, crash: 0.3 } },
    ),
  },
  {
    name: "a session whose invocation must have ended is not revoked",
    found: /not complete/,
    seed: 15,
    options: store(
      (real) => ({
        swap: (row, rev) => real.swap({ ...row, body: row.body.replace(/"until":\d+/, '"until":9999999999999') }, rev),
      }),
      { rates: { record: 0.9, crash: 0.3 } },
    ),
  },
  {
    name: "a silent session is not noticed",
    found: /not complete/,
    seed: 1,
    options: store(
      (real) => ({
        swap: (row, rev) =>
          real.swap(
            {
              ...row,
              body: row.body
                .replace(/"until":\d+/, '"until":9999999999999')
                .replace(/"heard":\d+/, '"heard":9999999999999'),
            },
            rev,
          ),
      }),
      { rates: NO_FAULTS, blackouts: 12 },
    ),
  },
  {
    name: "queued work is not placed on idle engines",
    found: /has room while/,
    options: store(
      (real) => ({
        swap: (row, rev) => real.swap({ ...row, body: row.body.replace(/"c":\[[^\]]*\]/, '"c":[]') }, rev),
      }),
      { faults: false },
    ),
  },
  {
    name: "a stale read shows an empty queue",
    found: /has room while/,
    options: store(
      stale((pk) => pk.startsWith("q#"), 200),
      { faults: false },
    ),
  },
  {
    name: "a stale read shows a busy engine",
    found: /has room while/,
    options: store(
      stale((pk) => pk === ENGINE_PARTITION, 200),
      { faults: false },
    ),
  },
  {
    name: "a queue entry is lost before it is stored",
    seed: 3,
    found: /not complete|has room/,
    options: store(
      (real) => ({
        write: (rows) => real.write(rows.filter(({ pk, sk }) => !(pk.startsWith("q#") && sk.includes("#r")))),
      }),
      { faults: false },
    ),
  },
  {
    name: "a swap whose answer was lost counts as refused",
    found: /outcomes/,
    seed: 3,
    options: store(
      (real) => ({
        swap: (row, rev) => real.swap({ ...row, body: row.body.replace(/"w":\[[^\]]*\]/, '"w":[]') }, rev),
      }),
      {
        rates: { repeat: 0.2 },
      },
    ),
  },
  {
    name: "an engine's fence keeps no lease out",
    found: /outcomes/,
    seed: 10,
    options: store(
      (real) => ({ swap: (row, rev) => real.swap({ ...row, body: row.body.replace(/,"n":\d+/, "") }, rev) }),
      HELD_UP,
    ),
  },
  {
    name: "no engine's fence is raised before recalled tasks are queued again",
    found: /outcomes/,
    seed: 10,
    options: store(
      (real) => ({
        async swap(row, rev) {
          const standing = real.peek(row);
          const isRaised = isEngineKey(row) && standing && engineOf(row).fence !== engineOf(standing).fence;
          return isRaised ? standing.rev === rev : real.swap(row, rev);
        },
      }),
      HELD_UP,
    ),
  },
  {
    name: "a claim does not see recalled tasks",
    found: /outcomes/,
    seed: 2,
    options: store(
      (real) => ({
        update: (key, { aborted, ...update }) =>
          real.update(key, {
            ...update,
            ...(aborted ? { aborted: aborted.map((text) => text.replace(/^v.*@/, "v0-0@")) } : {}),
          }),
      }),
      HELD_UP,
    ),
  },
  {
    name: "no tombstone keeps a late scheduler from ending recalled tasks",
    found: /outcomes/,
    seed: 4,
    options: store(
      (real) => ({
        async putOnce(row) {
          if (!row.sk.startsWith("o#")) return real.putOnce(row);
          const { revoked, engine } = unpackOutcomePage(row);
          return revoked && engine === undefined ? undefined : real.putOnce(row);
        },
      }),
      HELD_UP,
    ),
  },
  {
    name: "retries that are claimed together do not get the highest of their hops",
    found: /outcomes/,
    seed: 4,
    options: store((real) => ({ putOnce: (row) => real.putOnce(withLowerHop(row)) }), {
      flaky: true,
      rates: NO_FAULTS,
      blackouts: 0,
    }),
  },
  {
    name: "a claim does not see what its job has spent",
    found: /after its budget was spent/,
    options: store(
      (real) => {
        const unspent = (row: Row | undefined) => row && { ...row, spent: 0 };
        return {
          async claim(...of) {
            const claimed = await real.claim(...of);
            return claimed && { ...claimed, row: unspent(claimed.row) };
          },
          read: async (keys) => (await real.read(keys)).map(unspent),
        };
      },
      { faults: false, budgets: true },
    ),
  },
  {
    name: "a retry is claimed without a look at what its job has spent",
    found: /after its budget was spent/,
    options: store(
      (real) => ({
        async update(key, change) {
          const updated = await real.update(key, change);
          return updated && change.spent !== undefined
            ? { ...updated, after: { ...updated.after, spent: 0 } }
            : updated;
        },
        read: async (keys) => (await real.read(keys)).map((row) => row && { ...row, spent: 0 }),
      }),
      { faults: false, budgets: true },
    ),
  },
];
