import type { Engine } from "../../core/engine.ts";
import type { Lease } from "../../core/lease.ts";
import { holdsTask } from "../../core/parked.ts";
import type { EndedChildren } from "../../protocol/engine-answer.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import type { OutcomePage } from "../../protocol/outcome-page.ts";
import { parseTaskId } from "../../protocol/task-id.ts";
import { storedPage } from "./stored-page.ts";

/**
 * The page that a session has just stored, if a task of this session submitted the page's job and so may wait for it.
 * The answer carries the page, so that the session need not read it.
 */
export function endedChildren(
  engine: Pick<Engine, "leases" | "parked">,
  { parent }: Pick<JobHeader, "parent">,
  lease: Lease,
  page: OutcomePage,
): { ended?: EndedChildren } {
  if (parent === undefined) return {};
  const { job, index } = parseTaskId(parent);
  if (!holdsTask(engine, job, index)) return {};
  const ended = storedPage(lease, page);
  return ended ? { ended } : {};
}
