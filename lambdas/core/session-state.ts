import type { Session } from "./engine.ts";

/**
 * The state of an engine's session. States are not stored: each follows from the session in the engine's row (see
 * `sessionState`), and each move is one write of that row, conditional on its revision.
 */
export type SessionState = "none" | "invoked" | "early" | "running" | "overdue" | "revoking";

/** What each state of a session means, in the order of a session's life. */
export const SESSION_STATES: Record<SessionState, string> = {
  none: "the engine is idle: it has no session",
  invoked: "its invocation was requested, and has not begun",
  early: "its invocation was requested, and its lone task may run and be reported before it has begun",
  running: "its invocation has begun, and holds the engine's leases",
  overdue: "a sweep found that it had sent no message for too long",
  revoking: "it was given up: its messages are refused while its tasks are requeued",
};

/** A move of a session from one state to others. */
interface SessionMove {
  from: SessionState;
  to: readonly SessionState[];
  /** What triggers the move. */
  when: string;
}

/** Every legal move of a session, one write each. */
export const SESSION_MOVES: readonly SessionMove[] = [
  { from: "none", to: ["invoked"], when: "the idle engine gets a lease" },
  { from: "none", to: ["early"], when: "the idle engine gets a lone task with a signed token" },
  { from: "invoked", to: ["running"], when: "its `begin` is accepted" },
  { from: "early", to: ["running"], when: "its `begin` or its first report is accepted" },
  { from: "early", to: ["none"], when: "its first report is accepted, and there is no more work" },
  {
    from: "early",
    to: ["invoked"],
    when: "its first report, which is also its last, is accepted, and the next session gets the rest",
  },
  { from: "running", to: ["invoked"], when: "its last report is accepted, and the next session gets the rest" },
  { from: "overdue", to: ["invoked"], when: "its last report is accepted, and the next session gets the rest" },
  { from: "invoked", to: ["revoking"], when: "it did not begin, or cannot begin" },
  { from: "early", to: ["revoking"], when: "it did not begin, or its invocation failed" },
  { from: "running", to: ["none"], when: "its last report is accepted, and there is no more work" },
  { from: "running", to: ["overdue"], when: "a sweep finds it silent for the first time" },
  { from: "running", to: ["revoking"], when: "its invocation failed, or did not end in time" },
  { from: "overdue", to: ["running"], when: "it sends a message" },
  { from: "overdue", to: ["none"], when: "its last report is accepted, and there is no more work" },
  { from: "overdue", to: ["revoking"], when: "it stays silent, or its invocation failed" },
  { from: "revoking", to: ["none"], when: "its tasks are requeued" },
];

/** Derives the state of a session; `undefined` means that the engine has none. */
export function sessionState(session: Session | undefined): SessionState {
  if (!session) return "none";
  if (session.over !== undefined) return "revoking";
  if (session.nonce === undefined) return session.early ? "early" : "invoked";
  return session.overdue === undefined ? "running" : "overdue";
}

/** Whether one write may take a session from one state to the other; staying in a state is always allowed. */
export function canMoveSession(from: SessionState, to: SessionState): boolean {
  return from === to || SESSION_MOVES.some((move) => move.from === from && move.to.includes(to));
}
