import type { Store } from "../../lambdas/adapters/store.ts";
import { unpackOutcomePage } from "../../lambdas/protocol/packed-page.ts";
import { ENGINE_PARTITION, engineKey, isEngineKey, OPEN_PARTITION, type Row } from "../../lambdas/protocol/rows.ts";
import { engineOf } from "../../lambdas/scheduler/rows/engine-rows.ts";
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
      claim: (key, count, size) => real.claim(key, count, size),
      update: (key, update) => real.update(key, update),
      read: (keys) => real.read(keys),
      list: (pk, listing) => real.list(pk, listing),
      remove: (keys) => real.remove(keys),
    };
    return { ...verbs, ...change(real, clock) };
  };
  return { ...options, settings: { variant } };
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

/** A client waits while schedulers stall with claimed work, and nothing else goes wrong. */
const HELD_UP: RunOptions = {
  rates: NO_FAULTS,
  stranding: { rate: 0.15, stalls: 1 },
  recovery: { ms: 75_000, attended: true },
  blackouts: 0,
};

export const PLANTED_BUGS: PlantedBug[] = [
  {
    name: "an outcome page is put over a tombstone (interleaving 4)",
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
    name: "begin binds no nonce (interleaving 2)",
    found: /started twice/,
    seed: 4,
    options: endpoints(
      { report: async (message) => ("nonce" in message ? { ...message, nonce: "0".repeat(32) } : message) },
      { faults: false, rates: { delivery: 0.7 } },
    ),
  },
  {
    name: "a session that may report before it begins is revoked without a fence (interleaving 4)",
    found: /outcomes/,
    seed: 65,
    options: store(
      (real) => ({ swap: (row, rev) => real.swap({ ...row, body: row.body.replace('"early":true,', "") }, rev) }),
      { rates: { ...NO_FAULTS, delivery: 1, crash: 0.6 }, blackouts: 0 },
    ),
  },
  {
    name: "a session that is over may still report",
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
    name: "an engine that goes idle does not read its queue again (interleaving 7)",
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
    name: "an engine's row is swapped whatever its rev (interleaving 17)",
    found: /outcomes|not complete/,
    seed: 5,
    options: store((real) => ({ swap: async (row) => real.swap(row, real.peek(row)?.rev ?? 0) }), { faults: false }),
  },
  {
    name: "nobody reconciles: no look remembers what it missed (interleaving 3)",
    seed: 6,
    found: /not complete/,
    options: store(
      (real) => ({
        write: (rows) => real.write(rows.map((row) => (row.pk === OPEN_PARTITION ? { ...row, body: "{}" } : row))),
      }),
      { rates: { kill: 0.05 } },
    ),
  },
  {
    name: "nobody looks after sessions that never began (interleaving 13)",
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
    name: "a run is claimed without a condition (interleaving 11)",
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
    name: "a claim is a read and a write (interleaving 3)",
    found: /outcomes/,
    seed: 12,
    options: store(
      (real, clock) => ({
        async claim(key, count, size) {
          const row = real.peek(key);
          if (size !== undefined || row?.state !== "open") return real.claim(key, count, size);
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
    name: "a claim does not see aborts (interleaving 12)",
    found: /outcomes/,
    options: store(
      (real) => ({
        async claim(key, count, size) {
          const claimed = await real.claim(key, count, size);
          return claimed?.row ? { ...claimed, row: { ...claimed.row, aborted: undefined } } : claimed;
        },
      }),
      { faults: false },
    ),
  },
  {
    name: "an abort does not look where the cursor is (interleaving 12)",
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
    name: "a repeated submit is a second submit (interleaving 9)",
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
    name: "a failure record revokes whatever its engine is doing (interleaving 1)",
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
    name: "an invocation has no end (interleaving 1, its record lost)",
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
    name: "nobody notices that a session has fallen silent (interleaving 1, all records lost)",
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
    name: "engines get no word of work in a queue (invariant 2)",
    found: /has room while/,
    options: store(
      (real) => ({
        swap: (row, rev) => real.swap({ ...row, body: row.body.replace(/"c":\[[^\]]*\]/, '"c":[]') }, rev),
      }),
      { faults: false },
    ),
  },
  {
    name: "a stale read shows the queue empty (interleaving 20)",
    found: /has room while/,
    options: store(
      stale((pk) => pk.startsWith("q#"), 200),
      { faults: false },
    ),
  },
  {
    name: "a stale read shows an engine busy (interleaving 20)",
    found: /has room while/,
    options: store(
      stale((pk) => pk === ENGINE_PARTITION, 200),
      { faults: false },
    ),
  },
  {
    name: "a queue entry is lost on its way to the queue (interleaving 8)",
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
    name: "a swap whose answer was lost is taken for refused",
    found: /outcomes/,
    seed: 2,
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
    name: "an engine's fence keeps nothing out (interleaving 3)",
    found: /outcomes/,
    seed: 10,
    options: store(
      (real) => ({ swap: (row, rev) => real.swap({ ...row, body: row.body.replace(/,"n":\d+/, "") }, rev) }),
      HELD_UP,
    ),
  },
  {
    name: "no engine's fence is raised before its work is queued again (interleaving 3)",
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
    name: "a claim does not see what was recalled (interleaving 3)",
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
    name: "no tombstone stops who ends claimed tasks late (interleaving 3)",
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
];
