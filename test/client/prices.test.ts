import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { JobLedger } from "../../client/cluster/job-ledger.ts";
import { costOf } from "../../client/cost/cost.ts";
import { PRICE_TABLE } from "../../client/cost/price-table.ts";
import { pricesOf } from "../../client/cost/prices.ts";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { noUsage } from "../../lambdas/protocol/usage.ts";

const folder = mkdtempSync(join(tmpdir(), "fantail-prices-"));
const now = Date.parse(PRICE_TABLE.date);
const noWarning = (text: string) => {
  throw new Error(`unexpected warning: ${text}`);
};

/** Writes a price file, and returns its path. */
function priceFile(content: unknown): string {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

describe("prices", () => {
  test("are those of the region, with date and source", () => {
    const prices = pricesOf("eu-west-1", { file: "", now, warn: noWarning });
    expect(prices).toMatchObject({ region: "eu-west-1", millionWriteUnits: 0.705, date: PRICE_TABLE.date });
    expect(prices.source).toMatch(/^https:/);
    expect(prices.gbSecond.arm64).toBeLessThan(prices.gbSecond.x86_64);
  });

  test("of a region that is not listed are those of us-east-1, and say so", () => {
    expect(pricesOf("mars-north-1", { file: "", now, warn: noWarning }).region).toBe("us-east-1");
  });

  test("of a file replace those of the package, and the others stay", () => {
    const file = priceFile({
      date: "2026-10-01",
      regions: { "mars-north-1": { millionRequests: 7, gbSecond: { arm64: 1 } } },
    });
    const prices = pricesOf("mars-north-1", { file, now, warn: noWarning });
    expect(prices).toMatchObject({ region: "mars-north-1", millionRequests: 7, date: "2026-10-01", source: file });
    expect(prices.gbSecond).toEqual({ arm64: 1, x86_64: pricesOf("us-east-1", { file: "", now }).gbSecond.x86_64 });
  });

  test("older than a year are reported", () => {
    const warnings: string[] = [];
    pricesOf("us-east-1", { file: "", now: now + 366 * 86_400_000, warn: (text) => warnings.push(text) });
    expect(warnings).toEqual([expect.stringContaining("older than a year")]);
  });

  test.each([
    ["text that is no JSON", "{", "cannot be read as JSON"],
    ["an unknown field", { date: "2026-10-01", regions: { x: { millionPuts: 1 } } }, "millionPuts"],
    ["a negative price", { date: "2026-10-01", regions: { x: { transferGb: -1 } } }, "0 or more"],
    ["no date", { regions: {} }, "date"],
    ["a date that is none", { date: "yesterday", regions: {} }, "must be a date"],
  ])("of a file with %s are refused", (_, content, message) => {
    const read = () => pricesOf("x", { file: priceFile(content), now });
    expect(read).toThrow(InvalidFlag);
    expect(read).toThrow(message);
  });

  test("turn what was used into dollars, part by part", () => {
    const used = {
      invocations: 1e6,
      armGbMs: 1000,
      x86GbMs: 2000,
      writeUnits: 1e6,
      readUnits: 2e6,
      puts: 1000,
      gets: 2000,
      bytesOut: 2 ** 30,
    };
    const prices = pricesOf("us-east-1", { file: "", now });
    const { usd, ...parts } = costOf(used, prices);
    expect(parts.requests).toBeCloseTo(0.2, 10);
    expect(parts.compute).toBeCloseTo(0.0000133334 + 2 * 0.0000166667, 12);
    expect(parts.tables).toBeCloseTo(0.625 + 0.25, 10);
    expect(parts.blobs).toBeCloseTo(0.005 + 0.0008, 10);
    expect(parts.transfer).toBeCloseTo(0.09, 10);
    expect(usd).toBeCloseTo(Object.values(parts).reduce((sum, part) => sum + part));
    expect(costOf(noUsage(), prices).usd).toBe(0);
  });
});

describe("what a client used", () => {
  test("is charged to the next jobs in equal shares, once", () => {
    const ledger = new JobLedger();
    ledger.add({ ...noUsage(), gets: 4 });
    ledger.charge([]);
    ledger.charge(["a", "b"]);
    ledger.add({ ...noUsage(), gets: 1 });
    ledger.charge(["b"]);
    expect([ledger.of("a").gets, ledger.of("b").gets, ledger.of("c").gets]).toEqual([2, 3, 0]);
  });

  test("is forgotten for the oldest of ten thousand jobs", () => {
    const ledger = new JobLedger();
    for (let job = 0; job <= 10_000; job++) {
      ledger.add({ ...noUsage(), puts: 1 });
      ledger.charge([String(job)]);
    }
    expect([ledger.of("0").puts, ledger.of("1").puts, ledger.of("10000").puts]).toEqual([0, 1, 1]);
  });
});
