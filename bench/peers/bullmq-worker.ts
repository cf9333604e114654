import { type BullJob, bullmq, connectionTo, QUEUE } from "./bullmq.ts";
import { sayUp } from "./own-child.ts";
import { runTask } from "./peer-task.ts";

const connection = connectionTo(Number(process.argv[2]));
const queue = new bullmq.Queue(QUEUE, { connection });

/**
 * Computes a Fibonacci number: adds two child jobs, frees its worker while they run, and runs again when they have
 * ended.
 */
async function fibonacci(job: BullJob, n: number, isWaiting: boolean, token: string): Promise<number> {
  if (n < 2) return n;
  if (!isWaiting) {
    await job.updateData({ fibonacci: n, isWaiting: true });
    const parent = { id: job.id, queue: job.queueQualifiedName };
    for (const less of [1, 2]) await queue.add("fibonacci", { fibonacci: n - less, isWaiting: false }, { parent });
  }
  if (await job.moveToWaitingChildren(token)) throw new bullmq.WaitingChildrenError();
  return Object.values(await job.getChildrenValues()).reduce((sum, value) => sum + value, 0);
}

const worker = new bullmq.Worker(
  QUEUE,
  async (job, token) =>
    "task" in job.data ? runTask(job.data.task) : fibonacci(job, job.data.fibonacci, job.data.isWaiting, token),
  { connection },
);
worker.on("error", (error) => console.error(error.message));
await worker.waitUntilReady();
sayUp();
