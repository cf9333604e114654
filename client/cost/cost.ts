import { NANOS } from "../../lambdas/protocol/budget.ts";
import { noUsage, USAGE_COUNTS, type Usage } from "../../lambdas/protocol/usage.ts";
import type { RegionPrices } from "./price-table.ts";

/** What some work cost, in US dollars, at AWS's list prices. Free tiers and discounts are not included. */
export interface Cost {
  /** The sum of the parts. */
  usd: number;
  /** Requests of Lambda: invocations of the engines and of the functions that schedule their work. */
  requests: number;
  /** Run time of all these functions, at their memory. */
  compute: number;
  /** Reads and writes of the DynamoDB tables. */
  tables: number;
  /** Requests of S3, where large values are. */
  blobs: number;
  /** Data sent from AWS to the client, as if over the internet. */
  transfer: number;
}

/** Prices usage. */
export function costOf(used: Readonly<Usage>, prices: RegionPrices): Cost {
  const requests = (used.invocations * prices.millionRequests) / 1e6;
  const compute = (used.armGbMs * prices.gbSecond.arm64 + used.x86GbMs * prices.gbSecond.x86_64) / 1000;
  const tables = (used.writeUnits * prices.millionWriteUnits + used.readUnits * prices.millionReadUnits) / 1e6;
  const blobs = (used.puts * prices.thousandPuts + used.gets * prices.thousandGets) / 1000;
  const transfer = (used.bytesOut * prices.transferGb) / 2 ** 30;
  return { usd: requests + compute + tables + blobs + transfer, requests, compute, tables, blobs, transfer };
}

/** Unit price of each usage count, in nano-dollars to seven significant digits, in the order of `USAGE_COUNTS`. */
export function nanoPrices(prices: RegionPrices): number[] {
  return USAGE_COUNTS.map((name) => {
    const { usd } = costOf({ ...noUsage(), [name]: 1 }, prices);
    return Number((usd * NANOS).toPrecision(7));
  });
}
