import { expect, test } from "vitest";
import type { Store } from "../../lambdas/adapters/store.ts";
import { ENGINE_PARTITION, type Row } from "../../lambdas/protocol/rows.ts";

let partitions = 0;

/** Returns a partition that no other test uses. */
export function aPartition(): string {
  return `p#${++partitions}`;
}

function rowsOf(pk: string, count: number): Row[] {
  return Array.from({ length: count }, (_, at) => ({ pk, sk: `s#${String(at).padStart(4, "0")}`, body: `row ${at}` }));
}

function aJobRow(change: Partial<Row> = {}): Row {
  return { pk: aPartition(), sk: "job", body: "{}", from: 0, to: 10, state: "open", ...change };
}

async function times<T>(count: number, one: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, one));
}

const large = "x".repeat(410_000);

/** Calls with a row or key that no table accepts, by description. */
const refusedCalls = {
  "write without a sort key": (store, row) => store.write([{ ...row, sk: "" }]),
  "write of rows, two of which are too large": (store, row) =>
    store.write([row, { ...row, body: large }, { ...row, sk: "b", body: large }]),
  "putOnce of a row that is too large": (store, row) => store.putOnce({ ...row, body: large }),
  "swap with a row that is too large": (store, row) => store.swap({ ...row, body: large }, 0),
  "read without a partition key": (store, row) => store.read([row, { pk: "", sk: "a" }]),
  "remove with a sort key that is too long": (store, row) => store.remove([row, { ...row, sk: "k".repeat(1025) }]),
  "update with nothing": (store, row) => store.update(row, { mayCreate: true }),
  "update that makes a row too large": (store, row) => store.update(row, { add: { ok: [large] }, mayCreate: true }),
  "claim with spending that is not a number": (store, row) => store.claim(row, 1, 1, Number.NaN),
  "claim from a size that is not a number": (store, row) => store.claim(row, Number.NaN, 1),
  "list with limit 0": (store, { pk }) => store.list(pk, { limit: 0 }),
  "list from a higher key to a lower one": (store, { pk }) => store.list(pk, { from: "b", to: "a" }),
} satisfies Record<string, (store: Store, row: Row) => Promise<unknown>>;

/** Some of `refusedCalls`, and how they end instead of being refused. */
export type StoreDepartures = Partial<Record<keyof typeof refusedCalls, string>>;

/**
 * Registers the contract of every store. One suite for all, because the simulation tests the scheduler on one store and
 * production runs on another.
 *
 * @param departures calls that are not refused as they should be, and how they end instead
 */
export function storeContract(store: () => Store, departures: StoreDepartures = {}): void {
  test("write stores rows and replaces existing ones, and read returns each row at its key's position", async () => {
    const pk = aPartition();
    const rows = rowsOf(pk, 260);
    await store().write(rows);
    await store().write([{ ...rows[3], body: "again" } as Row]);
    const keys = [{ pk, sk: "nothing" }, ...rows.toReversed(), { pk: "nowhere", sk: "s#0000" }];
    const read = await store().read(keys);
    expect(read).toHaveLength(262);
    expect(read[0]).toBeUndefined();
    expect(read[261]).toBeUndefined();
    expect(read.slice(1, 261).map((row) => row?.body)).toEqual(
      rows.toReversed().map((row) => (row.sk === "s#0003" ? "again" : row.body)),
    );
  });

  test("a stored row has exactly the attributes it was written with", async () => {
    const pk = aPartition();
    const full: Row = {
      pk,
      sk: "a",
      body: '{"ü":"€𝄞"}',
      from: 3,
      to: 7,
      state: "open",
      aborted: ["0-3", "x5-6"],
      rev: 2 ** 48,
      load: 0,
      expires: 1_900_000_000,
    };
    const bare: Row = { pk, sk: "b", body: "" };
    await store().write([full, { ...bare, from: undefined, aborted: undefined }]);
    expect(await store().read([full, bare])).toEqual([full, bare]);
    expect(await store().list(pk)).toEqual([full, bare]);
  });

  test("one call may contain rows of the engine partition and of others", async () => {
    const task: Row = { pk: aPartition(), sk: "job", body: "task" };
    const engine: Row = { pk: ENGINE_PARTITION, sk: task.pk, body: "engine", rev: 0 };
    await store().write([task, engine]);
    expect((await store().read([engine, task])).map((row) => row?.body)).toEqual(["engine", "task"]);
    await store().remove([task, engine]);
    expect(await store().read([engine, task])).toEqual([undefined, undefined]);
  });

  test("reads and writes of no rows do nothing and return no rows", async () => {
    await store().write([]);
    await store().remove([]);
    expect(await store().read([])).toEqual([]);
    expect(await store().list(aPartition())).toEqual([]);
  });

  test("of many concurrent putOnce calls for a row one succeeds, and the others return its row", async () => {
    const pk = aPartition();
    let number = 0;
    const answers = await times(20, () => store().putOnce({ pk, sk: "one", body: String(number++) }));
    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
    const [standing] = await store().list(pk);
    for (const answer of answers) if (answer) expect(answer).toEqual(standing);
  });

  test("swap replaces a row only at the expected rev, so of many concurrent swaps one succeeds", async () => {
    const row: Row = { pk: ENGINE_PARTITION, sk: aPartition(), body: "first", rev: 0, load: 4, state: "x" };
    expect(await store().swap(row, 0)).toBe(false);
    await store().putOnce(row);
    let number = 0;
    const answers = await times(20, () => store().swap({ pk: row.pk, sk: row.sk, body: String(number++), rev: 1 }, 0));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(await store().swap({ ...row, rev: 3 }, 2)).toBe(false);
    const [standing] = await store().read([row]);
    expect(standing).toEqual({ pk: row.pk, sk: row.sk, body: String(answers.indexOf(true)), rev: 1 });
  });

  test("claim takes an open job's positions in order, and fewer of them at the end", async () => {
    const row = aJobRow({ aborted: ["1-2"] });
    await store().putOnce(row);
    expect(await store().claim(row, 4)).toEqual({ from: 0, taken: 4, to: 10, row });
    expect(await store().claim(row, 4)).toEqual({ from: 4, taken: 4, to: 10, row: { ...row, from: 4 } });
    expect(await store().claim(row, 4)).toEqual({ from: 8, taken: 2, to: 10, row: { ...row, from: 8 } });
    expect(await store().claim(row, 4)).toBeUndefined();
  });

  test("claim takes nothing from a job that is not open or does not exist", async () => {
    for (const state of ["submitting", "ending", "closed"]) {
      const row = aJobRow({ state });
      await store().putOnce(row);
      expect(await store().claim(row, 1)).toBeUndefined();
      expect(await store().read([row])).toEqual([row]);
    }
    const absent = aJobRow();
    expect(await store().claim(absent, 1)).toBeUndefined();
    expect(await store().read([absent])).toEqual([undefined]);
  });

  test("claim and update add to what a job has spent, and a claim that takes nothing adds nothing", async () => {
    const row = aJobRow({ spent: 7 });
    await store().putOnce(row);
    expect(await store().claim(row, 4, undefined, 5)).toEqual({ from: 0, taken: 4, to: 10, row });
    expect(await store().claim(row, 6)).toMatchObject({ row: { ...row, from: 4, spent: 12 } });
    expect(await store().claim(row, 1, undefined, 100)).toBeUndefined();
    expect(await store().update(row, { spent: 3 })).toMatchObject({ before: { spent: 12 }, after: { spent: 15 } });
    expect(await store().read([row])).toEqual([{ ...row, from: 10, spent: 15 }]);
    await times(10, () => store().update(row, { spent: 2 }));
    expect(await store().read([row])).toMatchObject([{ spent: 35 }]);
    const absent = aJobRow();
    expect(await store().update(absent, { spent: 1 })).toBeUndefined();
    const old = aJobRow();
    await store().putOnce(old);
    expect(await store().claim(old, 1, undefined, 5)).toMatchObject({ row: old });
    expect(await store().read([old])).toMatchObject([{ spent: 5 }]);
  });

  test("concurrent claims are disjoint and together take everything", async () => {
    const row = aJobRow({ to: 100 });
    await store().putOnce(row);
    const claims = await times(20, () => store().claim(row, 7));
    const taken = claims.flatMap((claim) =>
      claim ? Array.from({ length: claim.taken }, (_, at) => claim.from + at) : [],
    );
    expect(taken.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, at) => at));
    expect(claims.filter((claim) => claim === undefined)).toHaveLength(5);
  });

  test("claim of requeued tasks creates their row once, and later claims continue from it", async () => {
    const key = { pk: aPartition(), sk: "r#5.1" };
    expect(await store().claim(key, 2, 5)).toEqual({ from: 0, taken: 2, to: 5, row: undefined });
    expect(await store().claim(key, 2, 5)).toMatchObject({ from: 2, taken: 2, to: 5, row: { from: 2 } });
    expect(await store().claim(key, 2, 5)).toMatchObject({ from: 4, taken: 1, to: 5 });
    expect(await store().claim(key, 2, 5)).toBeUndefined();
    const other = { pk: aPartition(), sk: "r#0.1" };
    const claims = await times(8, () => store().claim(other, 1, 5));
    expect(claims.flatMap((claim) => claim?.from ?? []).sort()).toEqual([0, 1, 2, 3, 4]);
  });

  test("of several rows with one key in one write, the last is stored", async () => {
    const { pk } = aJobRow();
    await store().write([
      { pk, sk: "a", body: "first" },
      { pk, sk: "b", body: "other" },
      { pk, sk: "a", body: "last" },
    ]);
    expect((await store().list(pk)).map(({ sk, body }) => [sk, body])).toEqual([
      ["a", "last"],
      ["b", "other"],
    ]);
  });

  test("read and remove accept repeated keys, over any number of batches", async () => {
    const pk = aPartition();
    const rows = rowsOf(pk, 130);
    await store().write(rows);
    const keys = [...rows, ...rows.toReversed(), ...rows];
    expect(await store().read(keys)).toEqual(keys);
    const [one = { pk, sk: "s#0000" }] = rows;
    expect(await store().read([one, one])).toEqual([one, one]);
    await store().remove([...rows, ...rows]);
    expect(await store().list(pk)).toEqual([]);
  });

  test("a call with a row or key that no table accepts is refused, and changes no row", async () => {
    const others: Record<string, string> = {};
    for (const [label, refused] of Object.entries(refusedCalls)) {
      const row = { pk: aPartition(), sk: "a", body: "" };
      const end = await refused(store(), row).then(
        () => "taken",
        (error: Error) => error.name,
      );
      if (end === "ValidationException") expect(await store().list(row.pk), label).toEqual([]);
      else others[label] = end;
    }
    expect(others).toEqual(departures);
  });

  test("update changes a job without affecting its claims", async () => {
    const row = aJobRow({ state: "submitting" });
    await store().putOnce(row);
    expect(await store().update(row, { state: "open", only: { inState: ["submitting"] } })).toMatchObject({
      before: { state: "submitting" },
      after: { ...row, state: "open" },
    });
    await store().claim(row, 3);
    expect(await store().update(row, { aborted: ["4-6", "8-9"] })).toMatchObject({
      after: { from: 3, aborted: ["4-6", "8-9"] },
    });
    expect(await store().update(row, { aborted: ["x0-2"] })).toMatchObject({
      after: { aborted: ["4-6", "8-9", "x0-2"] },
    });
    expect(await store().update(row, { state: "closed" })).toMatchObject({
      after: { state: "closed", from: 3, to: 10, body: row.body },
    });
  });

  test("update adds to sets, creates the row, returns its earlier content, and changes nothing when repeated", async () => {
    const { pk } = aJobRow();
    const ledger = { pk, sk: "e" };
    const sets = (row: Row | undefined) =>
      row && { ok: row.ok?.toSorted(), bad: row.bad, opened: row.opened?.toSorted() };
    const first = await store().update(ledger, { add: { ok: ["1", "2"], opened: ["9"] }, mayCreate: true });
    expect(first?.before).toBeUndefined();
    const second = await store().update(ledger, {
      add: { ok: ["2", "3"], bad: ["4"] },
      dependents: true,
      mayCreate: true,
    });
    expect(sets(second?.before)).toEqual({ ok: ["1", "2"], bad: undefined, opened: ["9"] });
    const whole = { ok: ["1", "2", "3"], bad: ["4"], opened: ["9"] };
    expect(sets(second?.after)).toEqual(whole);
    const again = await store().update(ledger, { add: { ok: ["3"] }, mayCreate: true });
    expect(sets(again?.before)).toEqual(whole);
    const [standing] = await store().read([ledger]);
    expect(sets(standing)).toEqual(whole);
    expect(standing?.dependents).toBe(true);
  });

  test("of several concurrent additions to a set, exactly one sees the complete set", async () => {
    const { pk } = aJobRow();
    const updates = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        store().update({ pk, sk: "e" }, { add: { ok: [`${at}`] }, mayCreate: true }),
      ),
    );
    expect(updates.filter((updated) => updated?.after.ok?.length === 8)).toHaveLength(1);
  });

  test("update does nothing if its conditions fail, and creates no row unless it may", async () => {
    const row = aJobRow();
    expect(await store().update(row, { state: "open" })).toBeUndefined();
    expect(await store().read([row])).toEqual([undefined]);
    await store().putOnce(row);
    await store().claim(row, 5);
    expect(await store().update(row, { aborted: ["4-6"], only: { cursorAtMost: 4 } })).toBeUndefined();
    expect(await store().update(row, { aborted: ["5-6"], only: { cursorAtMost: 5 } })).toMatchObject({
      after: { aborted: ["5-6"] },
    });
    expect(await store().update(row, { state: "ending", only: { inState: ["submitting"] } })).toBeUndefined();
    expect(
      await store().update(row, { aborted: ["6-7"], only: { cursorAtMost: 9, inState: ["closed"] } }),
    ).toBeUndefined();
    expect(await store().read([row])).toEqual([{ ...row, from: 5, aborted: ["5-6"] }]);
  });

  test("aborted ranges are seen by every claim after the abort, and lie ahead of the cursor, with concurrent claims", async () => {
    const row = aJobRow({ to: 30 });
    await store().putOnce(row);
    const [claims, updated] = await Promise.all([
      times(10, () => store().claim(row, 3)),
      store().update(row, { aborted: ["15-18"], only: { cursorAtMost: 15 } }),
    ]);
    for (const claim of claims) {
      if (!claim) throw new Error("a claim found nothing");
      if (updated) expect(claim.row?.aborted !== undefined).toBe(claim.from >= (updated.after.from ?? 0));
      else expect(claim.row?.aborted).toBeUndefined();
    }
  });

  test("list returns a partition's rows by sort key, both bounds included, up to the limit", async () => {
    const pk = aPartition();
    const rows = rowsOf(pk, 30);
    await store().write(rows.toReversed());
    const keys = async (listing?: Parameters<Store["list"]>[1]) =>
      (await store().list(pk, listing)).map(({ sk }) => Number(sk.slice(2)));
    expect(await keys()).toEqual([...rows.keys()]);
    expect(await keys({ from: "s#0010", to: "s#0012" })).toEqual([10, 11, 12]);
    expect(await keys({ from: "s#0027" })).toEqual([27, 28, 29]);
    expect(await keys({ to: "s#0002" })).toEqual([0, 1, 2]);
    expect(await keys({ limit: 4 })).toEqual([0, 1, 2, 3]);
    expect(await keys({ from: "s#0005", limit: 2 })).toEqual([5, 6]);
    expect(await keys({ from: "o#", to: "o$" })).toEqual([]);
  });

  test("list returns more rows than one response of DynamoDB holds", async () => {
    const pk = aPartition();
    const body = "x".repeat(120_000);
    await store().write(rowsOf(pk, 30).map((row) => ({ ...row, body })));
    const rows = await store().list(pk);
    expect(rows.map(({ sk, body }) => [sk, body.length])).toEqual(rowsOf(pk, 30).map(({ sk }) => [sk, 120_000]));
    expect(await store().list(pk, { limit: 25 })).toHaveLength(25);
  });

  test("remove deletes rows, and ignores rows that do not exist", async () => {
    const pk = aPartition();
    const rows = rowsOf(pk, 60);
    await store().write(rows);
    await store().remove(rows.slice(0, 1));
    await store().remove(rows.slice(0, 1));
    await store().remove(rows.slice(0, 59));
    expect(await store().list(pk)).toEqual(rows.slice(59));
  });
}
