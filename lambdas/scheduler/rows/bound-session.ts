import type { Engine, Session } from "../../core/engine.ts";
import type { Configured } from "../ports/cluster-config.ts";
import type { Clock } from "../ports/scheduler-ports.ts";
import { poolOf } from "./engine-rows.ts";

/**
 * Time after the function's timeout, in milliseconds, at which an invocation counts as ended: clocks differ, and
 * startup takes time.
 */
const OVER_SLACK_MS = 10_000;

/** The session after it has begun, bound to the invocation that chose the nonce. */
export function boundSession(cluster: Clock & Configured, engine: Engine, session: Session, nonce: string): Session {
  const timeoutMs = (poolOf(cluster, engine)?.timeoutSeconds ?? 900) * 1000;
  const now = cluster.now();
  return { ...session, nonce, until: now + timeoutMs + OVER_SLACK_MS, heard: now, failed: undefined };
}
