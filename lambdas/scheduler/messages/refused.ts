import type { EngineAnswer } from "../../protocol/report-messages.ts";

/** The answer to an engine whose message is rejected. */
export function refused(message: string): EngineAnswer {
  return { type: "refused", message };
}
