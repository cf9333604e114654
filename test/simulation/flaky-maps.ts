import { aJob, type Behaviour } from "./a-job.ts";
import type { SeededChance } from "./seeded-chance.ts";
import type { World } from "./world.ts";

/**
 * Submits maps of short tasks, many of which fail or kill their engine a few times before they succeed. Their retries
 * fill the queue with small entries, which engines claim together.
 */
export async function flakyMaps(world: World, chance: SeededChance): Promise<void> {
  for (let number = 101; number < 104; number++) {
    await world.clock.sleep(chance.between(0, 1000));
    const failing = chance.pick([0.1, 0.5]);
    const tasks = Array.from({ length: chance.between(20, 80) }, (): Behaviour => {
      if (!chance.happens(failing)) return { do: "ok", ms: 1 };
      return { do: chance.happens(0.02) ? "die" : "error", ms: 1, times: chance.between(1, 3) };
    });
    const job = aJob(number, world.clock.now(), { tasks, flags: { retries: 5 } });
    const answer = await world.submit(job);
    if (answer.type !== "ok") world.violations.push(`job ${number} was answered ${JSON.stringify(answer)}`);
  }
}
