import fc from "fast-check";

/** Values that do not belong where they are put. Created for each use, so that messages share nothing. */
const STRANGE: readonly (() => unknown)[] = [
  () => null,
  () => undefined,
  () => true,
  () => false,
  () => 0,
  () => -0,
  () => -1,
  () => 1.5,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => 1e308,
  () => Number.MAX_SAFE_INTEGER,
  () => 99_999_999,
  () => 2 ** 31,
  () => "",
  () => "0",
  () => "__proto__",
  () => "constructor",
  () => "../../etc/passwd",
  () => "\u0000\ud800\uffff",
  () => "a".repeat(64),
  () => "0".repeat(26),
  () => "f".repeat(32),
  () => [],
  () => [[]],
  () => [null],
  () => [0, 0],
  () => [[0, 99_999_999]],
  () => Array.from({ length: 300 }, () => 0),
  () => ({}),
  () => ({ length: 1, 0: "a" }),
  () => JSON.parse('{"__proto__":{"polluted":true}}'),
  () => JSON.parse('{"constructor":{"prototype":{"polluted":true}}}'),
  () => ({ toString: null, valueOf: null, toJSON: 1, hasOwnProperty: 1 }),
  () => nested(40, []),
];
/** Long values take time, so they are drawn rarely. */
const OVERSIZE: readonly (() => unknown)[] = [
  () => nested(20_000, 0),
  () => "x".repeat(1_000_000),
  () => Array.from({ length: 100_000 }, (_, at) => at),
  () => Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`k${at}`, at])),
];
const KEYS = ["__proto__", "constructor", "toString", "extra", "type", "length", "0", ""];

function nested(depth: number, inside: unknown): unknown {
  let value = inside;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

/** A place in a message, as a number modulo the places that exist, and what is done to it. */
export interface Mutation {
  at: number;
  change:
    | { put: () => unknown }
    | { drop: true }
    | { add: string; value: () => unknown }
    | { double: true }
    | { nudge: number }
    | { from: number };
}

const strange = fc.oneof(
  { weight: 400, arbitrary: fc.constantFrom(...STRANGE) },
  { weight: 1, arbitrary: fc.constantFrom(...OVERSIZE) },
  { weight: 40, arbitrary: fc.jsonValue({ maxDepth: 2 }).map((value) => () => structuredClone(value)) },
);

/** Arbitrary of one to three changes to a message. */
export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.record({
    at: fc.nat(10_000),
    change: fc.oneof(
      { weight: 6, arbitrary: strange.map((put) => ({ put })) },
      { weight: 2, arbitrary: fc.constant({ drop: true as const }) },
      { weight: 2, arbitrary: fc.record({ add: fc.constantFrom(...KEYS), value: strange }) },
      { weight: 1, arbitrary: fc.constant({ double: true as const }) },
      { weight: 2, arbitrary: fc.constantFrom(-1, 1, 7, 1000).map((nudge) => ({ nudge })) },
      { weight: 4, arbitrary: fc.nat(10_000).map((from) => ({ from })) },
    ),
  }),
  { minLength: 1, maxLength: 3 },
);

interface Place {
  holder: Record<string, unknown>;
  key: string;
}

/**
 * Returns the message with its mutations.
 *
 * @param donors values that may replace its parts, such as another session's id
 */
export function mutated(message: unknown, changes: readonly Mutation[], donors: Donors): unknown {
  const root = { message: structuredClone(message) };
  for (const { at, change } of changes) {
    const places = placesIn(root);
    const place = places[at % places.length];
    if (place) apply(place, change, donors);
  }
  return root.message;
}

/** Parts of messages, by their keys. */
export type Donors = ReadonlyMap<string, readonly unknown[]>;

export function donorsOf(messages: readonly unknown[]): Donors {
  const donors = new Map<string, unknown[]>();
  for (const message of messages)
    for (const { holder, key } of placesIn({ message })) donors.set(key, [...(donors.get(key) ?? []), holder[key]]);
  return donors;
}

function apply({ holder, key }: Place, change: Mutation["change"], donors: Donors): void {
  const value = holder[key];
  if ("put" in change) set(holder, key, change.put());
  else if ("drop" in change) {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  } else if ("add" in change) {
    if (Array.isArray(value)) value.push(change.value());
    else if (typeof value === "object" && value !== null) set(value, change.add, change.value());
    else if (Array.isArray(holder)) holder.push(change.value());
    else set(holder, change.add, change.value());
  } else if ("double" in change) set(holder, key, Array.isArray(value) ? [...value, ...value] : [value, value]);
  else if ("nudge" in change) {
    if (typeof value === "number") holder[key] = value + change.nudge;
    else if (typeof value === "string") holder[key] = nudged(value, change.nudge);
    else if (typeof value === "boolean") holder[key] = !value;
  } else {
    // Prefer what another message has in the same place, such as another session's id.
    const same = donors.get(key) ?? donors.get("message") ?? [];
    set(holder, key, structuredClone(same[change.from % same.length]));
  }
}

/** Sets a key as JSON.parse does: `__proto__` is an ordinary key. */
function set(holder: object, key: string, value: unknown): void {
  Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function nudged(text: string, by: number): string {
  const at = Math.abs(by * 31) % (text.length + 1);
  return `${text.slice(0, at)}${String.fromCharCode(48 + (Math.abs(by) % 70))}${text.slice(at + 1)}`;
}

/** Returns every place in a value, itself first, down to the depth of real messages. */
function placesIn(root: Record<string, unknown>, depth = 0): Place[] {
  if (depth > 8) return [];
  const places: Place[] = [];
  for (const key of Object.keys(root).slice(0, 40)) {
    places.push({ holder: root, key });
    const value = root[key];
    if (typeof value === "object" && value !== null)
      places.push(...placesIn(value as Record<string, unknown>, depth + 1));
  }
  return places;
}
