import type { LeaseBoard } from "../messages/lease-board.ts";
import { outputFields } from "../messages/shared-output.ts";
import { causeOfDeath } from "../rules/death-cause.ts";
import type { LeaseClock } from "../rules/lease-clock.ts";
import type { Death } from "./lease-listener.ts";
import type { LeaseProgress } from "./lease-progress.ts";

/**
 * Ends the task that a thread was running when it died. The outcome says why the task was asked to stop or, if it was
 * not, why the thread died. A task that is not to blame for the death gets no outcome.
 *
 * @returns the index of the task, undefined if none was running, and why the thread died
 */
export function endRunning(
  death: Death,
  { progress, board, clock }: { progress: LeaseProgress; board: LeaseBoard; clock: LeaseClock },
  completed: number,
): { index: number | undefined; reason: string } {
  const killed = clock.threadDied();
  const running = board.running();
  if (running === undefined) return { index: undefined, reason: death.message };
  const { position, startedAt: started } = running;
  const cause = causeOfDeath(position, death, clock.causeOf(position), killed);
  board.end(position);
  const output = outputFields(death.written(position));
  if (cause) progress.settle(position, { ...cause, started, completed, ...output });
  return { index: progress.indexOf(position), reason: cause?.error.evalue ?? death.message };
}
