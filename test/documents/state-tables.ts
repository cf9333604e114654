import { JOB_MOVES, JOB_STATES, type JobMove } from "../../lambdas/core/job-state.ts";
import { SESSION_MOVES, SESSION_STATES } from "../../lambdas/core/session-state.ts";
import { TASK_MOVES, TASK_STATES } from "../../lambdas/core/task-state.ts";

/** Returns the tables of states and moves as Markdown, generated from those in the code. */
export function stateTables(): string {
  const jobMoves: readonly JobMove[] = Object.values(JOB_MOVES);
  return [
    "A task's state follows from facts and is stored nowhere:",
    table(["task", "means"], Object.entries(TASK_STATES)),
    table(
      ["from", "to", "when"],
      TASK_MOVES.map(({ from, to, when }) => [from, to.join(", "), when]),
    ),
    "A job's state is in its row. Each move is one write, made only while the row is in a state on the left:",
    table(
      ["job", "means"],
      Object.entries(JOB_STATES).map(([state, { meaning }]) => [state, meaning]),
    ),
    table(
      ["from", "to", "when"],
      jobMoves.map(({ from, to, when }) => [from.join(", ") || "no row", to, when]),
    ),
    "An engine's session is in the engine's row, and its state follows from it. Each move is one write of that row:",
    table(["session", "means"], Object.entries(SESSION_STATES)),
    table(
      ["from", "to", "when"],
      SESSION_MOVES.map(({ from, to, when }) => [from, to.join(", "), when]),
    ),
  ].join("\n\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
