import type { EngineAnswer } from "../../protocol/engine-answer.ts";

/** The answer to an engine whose message is rejected. */
export function refused(message: string): EngineAnswer {
  return { type: "refused", message };
}
