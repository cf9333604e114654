import type { Grant } from "../../protocol/grant.ts";
import type { LeaseProgress } from "./lease-progress.ts";

/** How a lease ended; `seq` is the lease's current sequence number. */
export type LeaseEnd =
  /**
   * `ahead`: tasks that joined the lease meanwhile. The session runs them before it reports the end of the lease, or
   * lets them return to the queue.
   */
  | { type: "done"; seq: number; progress: LeaseProgress; ahead: Grant | undefined }
  | { type: "refused"; message: string };
