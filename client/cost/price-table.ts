/** AWS's list prices of one region, in US dollars, first tier. Free tiers and discounts are not included. */
export interface RegionPrices {
  /** A gigabyte-second of Lambda, by CPU architecture. */
  gbSecond: Record<Architecture, number>;
  /** A million requests of Lambda. */
  millionRequests: number;
  /** A million write and read request units of DynamoDB, on demand. */
  millionWriteUnits: number;
  millionReadUnits: number;
  /** A thousand puts into S3 Standard, and a thousand gets. */
  thousandPuts: number;
  thousandGets: number;
  /** A gigabyte from AWS to the internet. */
  transferGb: number;
}

/** CPU architecture of a function. */
type Architecture = "arm64" | "x86_64";

/** Prices of several regions as of a date. */
export interface PriceTable {
  /** When the prices were read, as `2026-09-20`. */
  date: string;
  /** Where the prices were read. */
  source: string;
  regions: Readonly<Record<string, RegionPrices>>;
}

const US_EAST_1: RegionPrices = {
  gbSecond: { arm64: 0.0000133334, x86_64: 0.0000166667 },
  millionRequests: 0.2,
  millionWriteUnits: 0.625,
  millionReadUnits: 0.125,
  thousandPuts: 0.005,
  thousandGets: 0.0004,
  transferGb: 0.09,
};

/** The region whose prices stand for those of regions that are not listed. */
export const DEFAULT_REGION = "us-east-1";

/** The prices that come with the package. */
export const PRICE_TABLE: PriceTable = {
  date: "2026-09-20",
  source:
    "https://aws.amazon.com/lambda/pricing, https://aws.amazon.com/dynamodb/pricing/on-demand, https://aws.amazon.com/s3/pricing",
  regions: {
    "us-east-1": US_EAST_1,
    "eu-west-1": { ...US_EAST_1, millionWriteUnits: 0.705, millionReadUnits: 0.1415 },
    "eu-central-1": {
      ...US_EAST_1,
      millionWriteUnits: 0.7625,
      millionReadUnits: 0.1525,
      thousandPuts: 0.0054,
      thousandGets: 0.00043,
    },
  },
};
