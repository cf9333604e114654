import { expect, test } from "vitest";
import { BlobReader } from "../../client/outcomes/blob-reader.ts";
import { JobOutcomes } from "../../client/outcomes/outcome-store.ts";
import { indexIn, placedByJob, placedParts } from "../../client/results/placed-parts.ts";
import { ResultItems } from "../../client/results/result-items.ts";
import { aClient } from "./a-client.ts";

/** Counts how often the headers of all jobs are read. */
class CountedOutcomes extends JobOutcomes {
  static reads = 0;

  override get header() {
    CountedOutcomes.reads++;
    return super.header;
  }
}

test("items of several jobs are placed one after another, also if a job's tasks are in several parts", () => {
  const [a, b] = [new JobOutcomes("a"), new JobOutcomes("b")];
  const parts = [
    { outcomes: a, from: 3, to: 5 },
    { outcomes: b, from: 0, to: 1 },
    { outcomes: a, from: 0, to: 2 },
  ];
  const placed = placedParts(parts);
  expect(placed.map(({ start }) => start)).toEqual([0, 2, 3]);
  expect(placed.map((one) => indexIn(one, one.part.to - 1))).toEqual([1, 2, 4]);
  expect(placedByJob(parts).get(a)).toEqual([placed[0], placed[2]]);
});

test("the index of an item takes no longer to find in a result of many jobs", () => {
  const jobs = Array.from({ length: 2000 }, (_, at) => new CountedOutcomes(`job ${at}`));
  const items = new ResultItems(
    jobs.map((outcomes) => ({ outcomes, from: 0, to: 1 })),
    new BlobReader(aClient().cloud),
    true,
  );
  CountedOutcomes.reads = 0;
  expect(jobs.map((outcomes) => items.positionOf(outcomes, 0))).toEqual(jobs.map((_, at) => at));
  expect(CountedOutcomes.reads).toBeLessThan(10 * jobs.length);
});
