import { readFileSync } from "node:fs";
import * as v from "valibot";
import { InvalidFlag } from "../../lambdas/protocol/errors.ts";
import { parseSetting } from "../../lambdas/protocol/setting-fault.ts";
import { DEFAULT_REGION, PRICE_TABLE, type PriceTable, type RegionPrices } from "./price-table.ts";

/** Environment variable that names a file with prices. They replace those of the package. */
const PRICES_VARIABLE = "FANTAIL_PRICES";

/** Age, in milliseconds, at which prices are considered outdated. */
const OLD_MS = 365 * 24 * 3_600_000;

const price = v.pipe(
  v.number("must be a number of US dollars, 0 or more"),
  v.minValue(0, "must be a number of US dollars, 0 or more"),
);

const PriceFile = v.strictObject({
  date: v.pipe(v.string(), v.isoDate("must be a date such as 2026-09-20")),
  source: v.optional(v.string()),
  regions: v.record(
    v.string(),
    v.strictObject({
      gbSecond: v.optional(v.strictObject({ arm64: v.optional(price), x86_64: v.optional(price) })),
      millionRequests: v.optional(price),
      millionWriteUnits: v.optional(price),
      millionReadUnits: v.optional(price),
      thousandPuts: v.optional(price),
      thousandGets: v.optional(price),
      transferGb: v.optional(price),
    }),
  ),
});

/** The prices of one region. */
export interface Prices extends RegionPrices {
  /** The region whose prices these are: `us-east-1` if the wanted one is not listed. */
  region: string;
  date: string;
  source: string;
}

/** Where to find prices, and what to do if they are old. */
export interface PriceOptions {
  /** Path of a JSON file; default: the value of the variable `FANTAIL_PRICES`, else no file. */
  file?: string | undefined;
  /** The current time in epoch milliseconds. Default: now. */
  now?: number;
  /** Receives the warning that the prices are older than a year. Default: the process's warnings. */
  warn?: (text: string) => void;
}

/**
 * AWS's list prices in a region. A file may replace some or all of them; the package supplies the rest.
 *
 * @throws InvalidFlag if the file cannot be read, or has an unknown or wrong field
 */
export function pricesOf(region: string, options: PriceOptions = {}): Prices {
  const { file = process.env[PRICES_VARIABLE], now = Date.now(), warn = warnOnce } = options;
  const table = file === undefined || file === "" ? PRICE_TABLE : tableWith(file);
  const { date, source, regions } = table;
  if (now - Date.parse(date) > OLD_MS)
    warn(
      `the prices of ${date} are older than a year, so costs may be wrong: upgrade fantail-lambda, or set ${PRICES_VARIABLE} to a file with newer prices`,
    );
  const listed = regions[region];
  const prices = listed ?? regions[DEFAULT_REGION];
  if (!prices) throw new InvalidFlag(PRICES_VARIABLE, `has no prices for ${region}`);
  return { ...prices, region: listed ? region : DEFAULT_REGION, date, source };
}

/** The package's prices, with those of a file in their place. */
function tableWith(file: string): PriceTable {
  const { date, source = file, regions } = parseSetting(PriceFile, contentOf(file), PRICES_VARIABLE);
  const merged: Record<string, RegionPrices> = { ...PRICE_TABLE.regions };
  for (const [region, given] of Object.entries(regions)) {
    const known = merged[region] ?? merged[DEFAULT_REGION];
    if (!known) continue;
    merged[region] = {
      gbSecond: {
        arm64: given.gbSecond?.arm64 ?? known.gbSecond.arm64,
        x86_64: given.gbSecond?.x86_64 ?? known.gbSecond.x86_64,
      },
      millionRequests: given.millionRequests ?? known.millionRequests,
      millionWriteUnits: given.millionWriteUnits ?? known.millionWriteUnits,
      millionReadUnits: given.millionReadUnits ?? known.millionReadUnits,
      thousandPuts: given.thousandPuts ?? known.thousandPuts,
      thousandGets: given.thousandGets ?? known.thousandGets,
      transferGb: given.transferGb ?? known.transferGb,
    };
  }
  return { date, source, regions: merged };
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new InvalidFlag(PRICES_VARIABLE, `the file ${file} cannot be read as JSON: ${String(error)}`);
  }
}

let hasWarned = false;

function warnOnce(text: string): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(text, "FantailPrices");
}
