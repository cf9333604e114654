import { describe, expect, it } from "vitest";
import { aClient } from "./a-client.ts";
import { settle } from "./virtual-clock.ts";

const same = (x: number) => x;
const JOBS = 200;

/** A client that waits for many jobs of one task, and a list of those whose result it has. */
async function manyJobs() {
  const { view, cloud, clock } = aClient();
  const found: number[] = [];
  for (let at = 0; at < JOBS; at++)
    void view
      .withFlags({ label: `job ${at}` })
      .apply(same, at)
      .then(() => found.push(at));
  await settle();
  await clock.advance(0);
  const jobs = [...cloud.headers.keys()];
  const end = (at: number) => cloud.end(jobs[at] ?? "", 0, 1, () => at);
  return { cloud, clock, found, jobs, end };
}

describe("polls of many jobs", () => {
  it("jobs that end one after another are each found at once, by a few polls each", async () => {
    const { cloud, clock, found, jobs, end } = await manyJobs();
    expect(jobs.length).toBe(JOBS);
    for (let at = 0; at < JOBS; at++) {
      end(at);
      await clock.advance(50);
      expect(found.length).toBeGreaterThan(at - 8);
    }
    await clock.advance(2000);
    expect(found.length).toBe(JOBS);
    // At most 100 a second for all jobs without a turn, and a few for each turn.
    expect(cloud.queries.length).toBeLessThan(JOBS * 25);
  });

  it("many jobs of which none ends are polled about a hundred times a second in all", async () => {
    const { cloud, clock } = await manyJobs();
    await clock.advance(10_000);
    const before = cloud.queries.length;
    await clock.advance(10_000);
    expect(cloud.queries.length - before).toBeLessThan(1300);
  });

  it("short jobs behind long ones are found within two seconds, and soon all within milliseconds", async () => {
    const { clock, found, end } = await manyJobs();
    await clock.advance(3000);
    for (let at = 100; at < JOBS; at++) end(at);
    await clock.advance(2100);
    expect(found.length).toBe(JOBS - 100);
  });
});
