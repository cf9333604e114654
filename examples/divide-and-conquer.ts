import { Client } from "../client/index.ts";
import { mergeSort } from "./merge-sort.ts";

/**
 * Sorts numbers with tasks that submit tasks, to a depth of 5 or the one given, on two engines, and checks the result.
 */
const NUMBERS = 60_000;
const DEPTH = Number(process.argv[2] ?? 5);

let seed = 1;
const numbers = Array.from({ length: NUMBERS }, () => {
  seed = (seed * 48_271) % 2_147_483_647;
  return seed;
});

await using client = await Client.local({ engines: 2 });
const began = performance.now();
const sorted = await client.loadBalancedView({ label: "merge sort" }).apply(mergeSort, numbers, DEPTH);
const seconds = (performance.now() - began) / 1000;

const expected = [...numbers].sort((a, b) => a - b);
if (sorted.length !== NUMBERS || sorted.some((number, at) => number !== expected[at]))
  throw new Error("the result differs from that of a plain sort");
console.log(`${NUMBERS} numbers, sorted by ${2 ** (DEPTH + 1) - 1} tasks in ${seconds.toFixed(1)} s`);
console.log("checked: equal to a plain sort");
