import { isRecord } from "../protocol/record.ts";
import type { SchedulerAnswer } from "../protocol/scheduler-answer.ts";
import { packUsage } from "../protocol/usage.ts";
import type { UsageMemory } from "./memory/usage-memory.ts";

/** Types of messages whose senders know for which jobs they send them. */
const CHARGED = ["submit", "abort", "tick"];

/**
 * Adds to the answer the usage that this process has not charged to a job yet, so that the client charges it. For
 * messages of other types, the usage is kept until this process can charge it to a job.
 */
export function answerWithUsage(usage: UsageMemory, payload: unknown, answer: SchedulerAnswer): SchedulerAnswer {
  if (answer.type !== "ok" || !isRecord(payload) || !CHARGED.some((type) => type === payload.type)) return answer;
  const used = packUsage(usage.take());
  return used ? { ...answer, used: [...used] } : answer;
}
