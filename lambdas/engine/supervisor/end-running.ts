import type { LeaseBoard } from "../messages/lease-board.ts";
import { outputFields } from "../messages/shared-output.ts";
import { causeOfDeath } from "../rules/death-cause.ts";
import type { LeaseClock } from "../rules/lease-clock.ts";
import type { Death } from "./lease-listener.ts";
import type { LeaseProgress } from "./lease-progress.ts";

/**
 * Ends the task that a thread was running when it died, with the cause of death and the task's output. A task whose
 * thread was killed because of another task gets no outcome.
 *
 * @returns the index of the task; undefined if none was running
 */
export function endRunning(
  death: Death,
  { progress, board, clock }: { progress: LeaseProgress; board: LeaseBoard; clock: LeaseClock },
  completed: number,
): number | undefined {
  const killed = clock.threadDied();
  const running = board.running();
  if (running === undefined) return undefined;
  const { position, startedAt: started } = running;
  const cause = causeOfDeath(position, death, clock.causeOf(position), killed);
  board.end(position);
  const output = outputFields(death.written(position));
  if (cause) progress.settle(position, { ...cause, started, completed, ...output });
  return progress.indexOf(position);
}
