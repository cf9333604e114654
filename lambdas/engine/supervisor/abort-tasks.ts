import type { IndexRange } from "../../protocol/index-ranges.ts";
import type { LeaseBoard } from "../messages/lease-board.ts";
import type { LeaseAction } from "../rules/lease-action.ts";
import type { LeaseClock } from "../rules/lease-clock.ts";
import { abortedTask } from "../rules/stop-cause.ts";
import type { LeaseProgress } from "./lease-progress.ts";

/**
 * Aborts tasks of a lease, by ranges of indexes: those that have not started end at once.
 *
 * @returns the actions that stop running tasks
 */
export function abortTasks(
  aborting: readonly IndexRange[],
  { progress, board, clock }: { progress: LeaseProgress; board: LeaseBoard; clock: LeaseClock },
  now: number,
): LeaseAction[] {
  if (aborting.length === 0) return [];
  return progress.openPositions(aborting).flatMap((position) => {
    if (board.cut(position)) progress.settle(position, abortedTask(false));
    else if (board.hasStarted(position))
      return clock.stop({ position, isListening: board.isListening(position) }, abortedTask(true), now);
    return [];
  });
}
