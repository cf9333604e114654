import fc from "fast-check";
import type { Listing, RowUpdate, Store } from "../../lambdas/adapters/store.ts";
import { ENGINE_PARTITION, type Row, type RowKey } from "../../lambdas/protocol/rows.ts";

/** A random call of a store, valid or not. Its keys are in a partition that only this run uses. */
export type Verb =
  | { do: "write"; rows: DrawnRow[] }
  | { do: "putOnce"; row: DrawnRow }
  | { do: "swap"; row: DrawnRow; rev: number }
  | { do: "claim"; key: DrawnKey; count: number; size: number | undefined; spent: number | undefined }
  | { do: "update"; key: DrawnKey; change: RowUpdate }
  | { do: "read"; keys: DrawnKey[] }
  | { do: "list"; listing: Listing }
  | { do: "remove"; keys: DrawnKey[] };

/** `engines`: a row of the other table. */
type DrawnKey = { sk: string; in: "own" | "engines" | "nowhere" };
type DrawnRow = DrawnKey & Omit<Row, "pk" | "sk">;

const often = <T>(usual: fc.Arbitrary<T>, strange: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: strange });

const name = often(fc.constantFrom("a", "b", "c", "é", "\uffee", "𝄞"), fc.constantFrom("", "long 1024", "long 1025"));
const place = fc.oneof(
  { weight: 40, arbitrary: fc.constant<"own">("own") },
  { weight: 4, arbitrary: fc.constant<"engines">("engines") },
  { weight: 1, arbitrary: fc.constant<"nowhere">("nowhere") },
);
const key: fc.Arbitrary<DrawnKey> = fc.record({ sk: name, in: place });
const number = often(
  fc.integer({ min: 0, max: 4 }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e126, -1, 2.5, 2 ** 53),
);
/** Amounts whose sums are exact. */
const amount = often(
  fc.integer({ min: 0, max: 4 }),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e126, -1, 2.5, 2 ** 40),
);
const text = often(
  fc.constantFrom("", "text", '{"ü":"€𝄞"}', "x".repeat(5000)),
  fc.constantFrom("long 395000", "long 410000"),
);
const elements = often<string[]>(
  fc.array(fc.constantFrom("1", "2", "3-5"), { maxLength: 4 }),
  fc.constantFrom<string[][]>([""], ["1", ""], ["1", "1"], ["long 250000"]),
);
const ranges = fc.array(fc.constantFrom("0-3", "x5-6", ""), { maxLength: 3 });
const sets = fc.record(
  { ok: elements, bad: elements, opened: elements, purged: elements },
  { requiredKeys: [] },
) as fc.Arbitrary<NonNullable<RowUpdate["add"]>>;

const row: fc.Arbitrary<DrawnRow> = fc
  .tuple(
    key,
    text,
    fc.record(
      {
        from: number,
        to: number,
        state: fc.constantFrom("open", "closed", ""),
        aborted: ranges,
        rev: number,
        load: number,
        spent: amount,
        dependents: fc.boolean(),
        expires: fc.constant(1_900_000_000),
      },
      { requiredKeys: [] },
    ),
    fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: sets }),
  )
  .map(([where, body, rest, gathered]) => ({ ...where, body, ...rest, ...gathered }) as DrawnRow);

/** Bodies in batches are short and valid: an invalid batch is drawn separately. */
const manyRows = fc
  .tuple(fc.integer({ min: 24, max: 60 }), fc.integer({ min: 1, max: 60 }))
  .map(([count, names]) =>
    Array.from({ length: count }, (_, at): DrawnRow => ({ sk: `m${at % names}`, in: "own", body: `row ${at}` })),
  );
const manyKeys = fc
  .tuple(fc.integer({ min: 24, max: 220 }), fc.integer({ min: 1, max: 220 }))
  .map(([count, names]) => Array.from({ length: count }, (_, at): DrawnKey => ({ sk: `m${at % names}`, in: "own" })));
const rows = fc.oneof({ weight: 14, arbitrary: fc.array(row, { maxLength: 6 }) }, { weight: 1, arbitrary: manyRows });
const keys = fc.oneof({ weight: 14, arbitrary: fc.array(key, { maxLength: 6 }) }, { weight: 1, arbitrary: manyKeys });

const change = fc.record(
  {
    state: fc.constantFrom("open", "closed", ""),
    aborted: ranges,
    only: fc.record(
      {
        cursorAtMost: number,
        inState: often(fc.subarray(["open", "closed"], { minLength: 1 }), fc.constant<string[]>([])),
      },
      { requiredKeys: [] },
    ),
    add: sets,
    dependents: fc.constant(true as const),
    spent: amount,
    mayCreate: fc.constant(true as const),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<RowUpdate>;

// DynamoDB refuses ends that cannot be keys and orders them by bytes. dynalite orders its rows so, but does neither for
// ends.
const end = fc.constantFrom("a", "b", "c", "é", "𝄞");
const listing = fc.record(
  { from: end, to: end, limit: often(fc.integer({ min: 1, max: 5 }), fc.constantFrom(0, -1)) },
  { requiredKeys: [] },
) as fc.Arbitrary<Listing>;

export const aVerb: fc.Arbitrary<Verb> = fc.oneof(
  fc.record({ do: fc.constant("write" as const), rows }),
  fc.record({ do: fc.constant("putOnce" as const), row }),
  fc.record({ do: fc.constant("swap" as const), row, rev: number }),
  fc.record({
    do: fc.constant("claim" as const),
    key,
    count: often(fc.integer({ min: 1, max: 3 }), number),
    size: fc.option(number, { nil: undefined }),
    spent: fc.option(amount, { nil: undefined, freq: 1 }),
  }),
  fc.record({ do: fc.constant("update" as const), key, change }),
  fc.record({ do: fc.constant("read" as const), keys }),
  fc.record({ do: fc.constant("list" as const), listing }),
  fc.record({ do: fc.constant("remove" as const), keys }),
);

/** Returns a store's answer, or that it refused. Rethrows any other error. */
export async function answerOf(store: Store, pk: string, verb: Verb): Promise<{ answer?: unknown; refused?: boolean }> {
  try {
    return { answer: sorted(await call(store, pk, verb)) };
  } catch (error) {
    if (error instanceof Error && error.name === "ValidationException") return { refused: true };
    throw error;
  }
}

/** Expands long texts, which are drawn by their length to keep counterexamples readable. */
function spelledOut<T>(value: T): T;
function spelledOut(value: unknown): unknown {
  if (typeof value === "string") {
    const [, length] = /^long (\d+)$/.exec(value) ?? [];
    return length ? "x".repeat(Number(length)) : value;
  }
  if (Array.isArray(value)) return value.map((one) => spelledOut(one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, spelledOut(inner)]));
}

function call(store: Store, pk: string, drawn: Verb): Promise<unknown> {
  const verb = spelledOut(drawn);
  const keyOf = ({ sk, in: where }: DrawnKey): RowKey => {
    if (where === "nowhere") return { pk: "", sk };
    return where === "own" ? { pk, sk } : { pk: ENGINE_PARTITION, sk: sk === "" ? "" : `${pk}${sk}`.slice(-1025) };
  };
  const rowOf = (drawn: DrawnRow): Row => {
    const { in: _, ...rest } = drawn;
    return { ...rest, ...keyOf(drawn) };
  };
  switch (verb.do) {
    case "write":
      return store.write(verb.rows.map(rowOf));
    case "putOnce":
      return store.putOnce(rowOf(verb.row));
    case "swap":
      return store.swap(rowOf(verb.row), verb.rev);
    case "claim":
      return store.claim(keyOf(verb.key), verb.count, verb.size, verb.spent);
    case "update":
      return store.update(keyOf(verb.key), verb.change);
    case "read":
      return store.read(verb.keys.map(keyOf));
    case "list":
      return store.list(pk, verb.listing);
    case "remove":
      return store.remove(verb.keys.map(keyOf));
  }
}

/** Returns the value with the elements of sets sorted, since sets have no order. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      ["ok", "bad", "opened", "purged"].includes(name) && Array.isArray(inner) ? [...inner].sort() : sorted(inner),
    ]),
  );
}
