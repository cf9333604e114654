import { canMove, JOB_MOVES, jobFacts, jobStateOf } from "../../core/job-state.ts";
import { NotFinished } from "../../protocol/errors.ts";
import { countIndexes, type IndexRange, mergedRanges } from "../../protocol/index-ranges.ts";
import type { JobHeader } from "../../protocol/job-header.ts";
import { purgedRange, purgedRanges } from "../../protocol/purged.ts";
import {
  bucketOf,
  bucketPartition,
  dayKey,
  edgePartition,
  fallenPartition,
  jobKey,
  openJobKey,
  type Row,
} from "../../protocol/rows.ts";
import type { PurgeMessage } from "../../protocol/scheduler-messages.ts";
import { taskId } from "../../protocol/task-id.ts";
import type { StoreAccess } from "../ports/scheduler-ports.ts";
import { firstUnfinished } from "../rows/finished-tasks.ts";
import { headerOf, moveJob, readJob } from "../rows/job-row.ts";
import type { JobAccess } from "../rows/row-access.ts";

/**
 * Deletes finished tasks. Purged tasks of a job are recorded in its row, which every reader reads first. Once all tasks
 * of a job are purged, its rows are deleted. The job's own row is deleted last, so that after a crash the job is known
 * to be half deleted.
 *
 * The row of a job with an idempotency key remains until it expires: a late submission under the same key must not run,
 * and schedulers may still remember the job's specs.
 *
 * @throws NotFinished for the first task without an outcome; nothing is deleted then
 */
export async function purge(cluster: JobAccess, message: PurgeMessage): Promise<void> {
  const found = await Promise.all(message.jobs.map(({ job, ranges }) => checked(cluster, job, ranges)));
  for (const one of found) if (one) await forget(cluster, one);
}

/** Finished tasks of a job that are to be deleted. */
interface Going {
  header: JobHeader;
  row: Row;
  ranges: IndexRange[];
}

async function checked(cluster: JobAccess, job: string, asked: IndexRange[] | undefined): Promise<Going | undefined> {
  const row = await readJob(cluster, job);
  // Already purged: the message is a repetition.
  if (!row || jobStateOf(row) === JOB_MOVES.leaveKey.to) return undefined;
  const header = headerOf(row);
  const named: IndexRange[] = asked?.map(([from, to]) => [from, Math.min(to, header.tasks)]) ?? [[0, header.tasks]];
  const ranges = named.filter(([from, to]) => from < to);
  if (ranges.length === 0) return undefined;
  if (!jobFacts(row).hasEnded) {
    const missing = await firstUnfinished(cluster, job, ranges);
    if (missing !== undefined) throw new NotFinished(taskId(job, missing));
  }
  return { header, row, ranges };
}

/**
 * Records the tasks as purged and deletes the job's rows once all its tasks are. Atomic against every other purge of
 * the job: each adds its ranges to the job's row, and the purge that then sees all tasks purged deletes the rows.
 */
async function forget(cluster: JobAccess, { header, row, ranges }: Going): Promise<void> {
  const key = jobKey(header.id);
  if (!canMove(JOB_MOVES.leaveKey, jobStateOf(row))) {
    const updated = await cluster.store.update(key, { add: { purged: ranges.map(purgedRange) } });
    const gone = mergedRanges(purgedRanges(updated?.after.purged));
    if (!updated || countIndexes(gone) < header.tasks) return;
    await moveJob(cluster, header.id, JOB_MOVES.purge);
  }
  const { id, submitted } = header;
  for (let bucket = 0; bucket <= bucketOf(header.tasks - 1); bucket++) {
    await empty(cluster, bucketPartition(id, bucket));
    await empty(cluster, edgePartition(id, bucket));
    await empty(cluster, fallenPartition(id, bucket));
  }
  const others = (await cluster.store.list(key.pk)).filter(({ sk }) => sk !== key.sk);
  const listed = [dayKey(new Date(submitted).toISOString(), id), openJobKey(id)];
  await cluster.store.remove([...others, ...listed]);
  if (header.key === undefined) await cluster.store.remove([key]);
  else await moveJob(cluster, id, JOB_MOVES.leaveKey);
  cluster.memory.jobs.headers.delete(id);
}

async function empty(cluster: StoreAccess, pk: string): Promise<void> {
  const rows = await cluster.store.list(pk);
  if (rows.length > 0) await cluster.store.remove(rows.map(({ sk }) => ({ pk, sk })));
}
