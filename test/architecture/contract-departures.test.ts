import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { motoDepartures } from "../s3/moto-departures.ts";
import { titlesIn } from "./test-titles.ts";

// moto runs in a suite of its own, so a renamed test would otherwise fail only there.
test("each departure of moto's S3 names a test of the contract", () => {
  const titles = titlesIn(readFileSync(new URL("../s3/s3-contract.ts", import.meta.url), "utf8"));
  expect(titles.length).toBeGreaterThan(20);
  expect(Object.keys(motoDepartures).filter((title) => !titles.includes(title))).toEqual([]);
});
