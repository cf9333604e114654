import { describe, expect, it, test } from "vitest";
import { parseFantailProps } from "../../cdk/fantail-props.ts";
import { startLocalCluster } from "../../client/cluster/local-cluster.ts";
import type { Flags } from "../../client/flags/flags.ts";
import { parseFlags } from "../../client/flags/parse-flags.ts";
import { parseClusterSettings } from "../../lambdas/protocol/cluster-settings.ts";
import { InvalidFlag, InvalidId } from "../../lambdas/protocol/errors.ts";

const POOL = { name: "default", count: 2 };
/** One value of each kind, so that most are wrong for any flag. */
const ODD: unknown[] = [
  null,
  -1,
  0.5,
  1e12,
  Number.NaN,
  "",
  "odd",
  true,
  [],
  [[]],
  ["a", 1],
  {},
  { odd: 1 },
  new Date(0),
  10n,
  Symbol("odd"),
  () => 1,
];

/** Bad values for every flag. A flag that is missing here does not compile. */
const BAD_FLAGS: { [Name in keyof Flags]-?: unknown[] } = {
  after: [5, null],
  follow: [[5]],
  targets: [-1, [0, "1"], [1_000_000]],
  timeoutMs: [-1, "10"],
  runTimeoutMs: [0],
  deadlineMs: [0],
  retries: [1001],
  retryOn: ["TypeError", [1]],
  backoff: [200, {}, { initialMs: -1 }, { initialMs: 1, factor: 0.5 }, { initialMs: 1, initalMs: 2 }],
  priority: ["high"],
  label: ["x".repeat(201)],
  idempotencyKey: [""],
  chunkSize: [0],
  ordered: ["yes"],
  returnExceptions: [1],
  maxOutstanding: ["many"],
  scheme: ["fastest"],
  memoryMb: ["1 GB"],
  budgetUsd: [0, "1"],
  escalate: [1],
  waitForNew: [1],
  capture: ["no"],
  allowSecrets: ["token"],
  signal: [new AbortController()],
};

/** Props of the construct and of a pool. */
const PROPS = [
  "engines",
  "scheme",
  "hwm",
  "functions",
  "codeShipping",
  "removalPolicy",
  "logRetention",
  "pointInTimeRecovery",
  "retentionDays",
  "tenant",
  "blobExpiryDays",
  "encryptionKey",
  "reservedConcurrency",
  "monitoring",
  "tags",
  "colour",
];
const POOL_PROPS = [
  "name",
  "count",
  "memoryMb",
  "architecture",
  "timeoutSeconds",
  "burst",
  "reservedConcurrency",
  "layers",
  "environment",
  "modules",
  "vpc",
  "securityGroups",
  "colour",
];

/** Returns the message with which a value is refused; undefined if it is accepted. */
function refusal(act: () => unknown): string | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof InvalidFlag || error instanceof InvalidId) return error.message;
    throw error;
  }
}

/** Words of the validation library that mean nothing to a user. */
const ITS_WORDS = /Invalid \w+:|Expected|\breceived|\bundefined:/;

describe("an invalid value is explained in a sentence", () => {
  it.each(Object.entries(BAD_FLAGS))("invalid values of flag %s are explained in our own words", (name, values) => {
    for (const value of values)
      expect(
        refusal(() => parseFlags({ [name]: value })),
        String(value),
      ).toBeDefined();
    for (const value of [...values, ...ODD])
      expect(refusal(() => parseFlags({ [name]: value })) ?? "").not.toMatch(ITS_WORDS);
  });

  it.each(PROPS)("invalid values of prop %s are explained in our own words", (name) => {
    const said = ODD.map((value) => refusal(() => parseFantailProps({ engines: [POOL], [name]: value })));
    expect(said.filter((text) => text !== undefined).length).toBeGreaterThan(5);
    for (const text of said) expect(text ?? "").not.toMatch(ITS_WORDS);
  });

  it.each(POOL_PROPS)("invalid values of a pool's prop %s are explained in our own words", (name) => {
    const said = ODD.map((value) => refusal(() => parseFantailProps({ engines: [{ ...POOL, [name]: value }] })));
    expect(said.filter((text) => text !== undefined).length).toBeGreaterThan(5);
    for (const text of said) expect(text ?? "").not.toMatch(ITS_WORDS);
  });
});

test.each<[string, () => unknown, string]>([
  [
    "object",
    () => parseFlags({ backoff: 200 as never }),
    "flag backoff: must be { initialMs, factor, maxMs, jitter }, not 200",
  ],
  [
    "field",
    () => parseFlags({ backoff: { initialMs: 1, factor: 0 } }),
    "flag backoff: factor must be a number, 1 or more, not 0",
  ],
  ["object without a required field", () => parseFlags({ backoff: {} as never }), "flag backoff: initialMs is missing"],
  ["list item", () => parseFlags({ retryOn: ["a", 1 as never] }), "flag retryOn: [1] must be a string, not 1"],
  [
    "choice",
    () => parseFlags({ scheme: "fast" as never }),
    "flag scheme: must be one of leastload, lru, plainrandom, twobin, weighted, not 'fast'",
  ],
  [
    "number outside its range",
    () => parseFlags({ retries: -1 }),
    "flag retries: must be a whole number from 0 to 1000, not -1",
  ],
  [
    "number without an upper limit",
    () => parseFlags({ runTimeoutMs: 0 }),
    "flag runTimeoutMs: must be a whole number, 1 or more, not 0",
  ],
  ["boolean", () => parseFlags({ ordered: "yes" as never }), "flag ordered: must be true or false, not 'yes'"],
  [
    "id",
    () => parseFlags({ targets: [1_000_000] }),
    "flag targets: must be an engine id, a list of at least one, or the name of a pool, not [ 1000000 ]",
  ],
  [
    "setting of a pool",
    () => parseClusterSettings({ engines: [{ ...POOL, count: 0 }] }),
    "flag engines[0].count: must be a whole number from 1 to 100000, not 0",
  ],
  [
    "pool without a required setting",
    () => parseClusterSettings({ engines: [{ name: "a" }] }),
    "flag engines[0].count: is missing",
  ],
  [
    "prop",
    () => parseFantailProps({ engines: [POOL], removalPolicy: "burn" }),
    "flag removalPolicy: must be one of destroy, retain, snapshot, retain-on-update-or-delete, not 'burn'",
  ],
])("the message about an invalid %s says what is expected", (_, act, message) => {
  expect(refusal(act)).toBe(message);
});

test.each<[string, () => unknown, RegExp]>([
  [
    "flag",
    () => parseFlags({ retrys: 1 } as Flags),
    /^flag retrys: is not known; did you mean retries or retryOn\? known names are after, .*, signal$/,
  ],
  [
    "flag that resembles no other",
    () => parseFlags({ colour: 1 } as Flags),
    /^flag colour: is not known; known names are after,/,
  ],
  [
    "field of a flag",
    () => parseFlags({ backoff: { initialMs: 1, iniitalMs: 2 } as never }),
    /^flag backoff: iniitalMs is not known; did you mean initialMs\?/,
  ],
  [
    "prop",
    () => parseFantailProps({ engines: [POOL], functoins: "a" }),
    /^flag functoins: is not known; did you mean functions\? known names are engines,/,
  ],
  [
    "prop of a pool",
    () => parseFantailProps({ engines: [{ ...POOL, memoryMB2: 1 }] }),
    /^flag engines\[0\]\.memoryMB2: is not known; did you mean memoryMb\?/,
  ],
  [
    "prop of monitoring",
    () => parseFantailProps({ engines: [POOL], monitoring: { alarm: true } }),
    /^flag monitoring\.alarm: is not known; did you mean alarms\?/,
  ],
])("the error for an unknown %s lists similar names", (_, act, message) => {
  expect(refusal(act)).toMatch(message);
});

it("an unknown option of Client.local is refused with similar names", async () => {
  await expect(startLocalCluster({ engine: 2 } as object)).rejects.toThrow(
    /^flag engine: is not known; did you mean engines\?/,
  );
});
