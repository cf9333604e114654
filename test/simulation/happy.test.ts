import { expect, test } from "vitest";
import { aJob, ok } from "./a-job.ts";
import { World } from "./world.ts";

test("a map without faults gives each task one outcome", async () => {
  const world = new World();
  const job = aJob(1, world.clock.now(), { tasks: Array.from({ length: 200 }, () => ok(1)) });
  expect(await world.until(world.submit(job))).toEqual({ type: "ok" });
  await world.complete([job], { ms: 60_000 });
  expect([...world.outcomes(job).values()].every((entries) => entries.length === 1)).toBe(true);
  expect(world.starts).toHaveLength(200);
});
