import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { deriveStack } from "../../client/local/stack/derive-stack.ts";
import { stackSeed } from "../../client/local/stack/stack-seed.ts";
import { synthesize } from "../../client/local/stack/synthesize.ts";
import { parseClusterSettings } from "../../lambdas/protocol/cluster-settings.ts";
import { SCHEME_NAMES } from "../../lambdas/protocol/flags.ts";
import { described, newFolder, withoutCode } from "./described-stack.ts";

/** FANTAIL_SIM_RUNS multiplies the number of runs. */
const RUNS = 8 * Number(process.env.FANTAIL_SIM_RUNS ?? 1);

const written = (template: unknown) => JSON.stringify(template, undefined, 1);

const ids = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,39}$/);
const pool = fc.record(
  {
    name: fc.oneof(ids, fc.constantFrom("default", "Function", "Events", "Log-Role", "a--", "Resource")),
    count: fc.integer({ min: 1, max: 5_000 }),
    memoryMb: fc.integer({ min: 128, max: 10_240 }),
    timeoutSeconds: fc.integer({ min: 1, max: 900 }),
    architecture: fc.constantFrom("arm64" as const, "x86_64" as const),
    burst: fc.integer({ min: 1, max: 4 }),
    reservedConcurrency: fc.integer({ min: 5_000, max: 9_000 }),
    layers: fc.array(fc.constantFrom("arn:aws:lambda:eu-central-1:123456789012:layer:one:1"), { maxLength: 1 }),
    environment: fc.dictionary(
      fc.stringMatching(/^[B-Zb-z][A-Za-z0-9_]{1,12}$/),
      // Include names that look like those of resources.
      fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom("FantailTasks69940B43", "Fantail-3E119ECA-sweep")),
      { maxKeys: 4 },
    ),
  },
  { requiredKeys: ["name", "count"] },
);
const settings = fc.record(
  {
    engines: fc.uniqueArray(pool, { minLength: 1, maxLength: 4, selector: ({ name }) => name.toLowerCase() }),
    scheme: fc.constantFrom(...SCHEME_NAMES),
    hwm: fc.oneof(fc.constant("adaptive" as const), fc.integer({ min: 0, max: 50 })),
    logLevel: fc.constantFrom("warn", "info"),
    tenants: fc.uniqueArray(fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,39}$/), {
      minLength: 1,
      maxLength: 3,
      selector: (name) => name.toLowerCase(),
    }),
  },
  { requiredKeys: ["engines"] },
);

describe("a derived stack", { timeout: 120_000 }, () => {
  it("a derived stack equals the construct's template, byte for byte, assets included, for the usual settings", async () => {
    const usual = parseClusterSettings({ engines: [{ name: "default", count: 4 }] });
    const file = await synthesize(usual, newFolder());
    const { text, outdir } = described({ engines: [{ name: "default", count: 4 }] });
    expect(readFileSync(file, "utf8")).toBe(text);
    const assets = readdirSync(outdir).filter((name) => name.startsWith("asset."));
    expect(assets).toHaveLength(2);
    for (const asset of assets)
      for (const name of readdirSync(join(outdir, asset)))
        expect(readFileSync(join(file, "..", asset, name)).equals(readFileSync(join(outdir, asset, name)))).toBe(true);
  });

  it("a derived stack equals the construct's template for any pools, scheme, high-water mark and tenants", async () => {
    const { seed } = await stackSeed();
    fc.assert(
      fc.property(settings, (given) => {
        const derived = deriveStack(seed, parseClusterSettings({ tenants: undefined, ...given }), {
          engines: new Map(),
        });
        expect(withoutCode(written(derived))).toBe(withoutCode(described(given, false).text));
      }),
      { numRuns: RUNS, seed: Number(process.env.FANTAIL_SEED ?? 7) },
    );
  });

  it("a derived stack refuses variables that do not fit, as the construct does", async () => {
    const { seed } = await stackSeed();
    const large = [{ name: "a", count: 1, environment: { LARGE: "x".repeat(4_100) } }];
    const many = Array.from({ length: 40 }, (_, at) => ({ name: `pool-${at}`, count: 1 }));
    for (const engines of [large, many]) {
      const refusal = (make: () => unknown) => {
        try {
          return make();
        } catch (error) {
          return (error as Error).message;
        }
      };
      const derived = refusal(() => deriveStack(seed, parseClusterSettings({ engines }), { engines: new Map() }));
      expect(derived).toMatch(/^flag engines.* but Lambda allows 4096/);
      expect(derived).toBe(refusal(() => described({ engines }, false)));
    }
  });
});
