import * as v from "valibot";
import { JobFlags } from "../../lambdas/protocol/flags.ts";
import type { Flags } from "./flags.ts";

/** What of a view's flags rests in the job: the part that the scheduler acts on, in one spelling, so that equal flags are equal text. */
export function jobFlags(flags: Flags): JobFlags {
  const { targets, timeoutMs, runTimeoutMs, deadlineMs, retries, retryOn, backoff, priority, scheme, memoryMb } = flags;
  return v.parse(JobFlags, {
    ...(targets === undefined ? {} : { targets: typeof targets === "string" ? targets : engineIds(targets) }),
    ...(timeoutMs ? { timeoutMs } : {}),
    ...(runTimeoutMs === undefined ? {} : { runTimeoutMs }),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(retries ? { retries } : {}),
    ...(retryOn === undefined ? {} : { retryOn }),
    ...(backoff === undefined ? {} : { backoff }),
    ...(priority ? { priority } : {}),
    ...(scheme === undefined ? {} : { scheme }),
    ...(memoryMb === undefined ? {} : { memoryMb }),
    ...(flags.escalate ? { escalate: true } : {}),
    ...(flags.waitForNew ? { waitForNew: true } : {}),
  });
}

/** The engine ids of a `targets` flag, sorted, each once. */
export function engineIds(targets: number | readonly number[]): number[] {
  return typeof targets === "number" ? [targets] : [...new Set(targets)].sort((a, b) => a - b);
}
