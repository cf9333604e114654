import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { type BullData, bullmq, connectionTo, QUEUE } from "./bullmq.ts";
import { drive } from "./node-driver.ts";
import { endChild, forkWorker, freePorts, untilDone } from "./own-child.ts";
import { peerVersion } from "./peer-package.ts";
import { redisCommand, redisVersion } from "./redis.ts";

/** Number of jobs added by one call. */
const BULK = 1000;

/** Starts a Redis that appends every command to a file and flushes it to disk every second. */
async function startRedis(port: number) {
  const { file, env } = redisCommand();
  const settings = { port, bind: "127.0.0.1", save: "", appendonly: "yes", appendfsync: "everysec" };
  const argv = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const redis = spawn(file, argv, { stdio: "ignore", env });
  await once(redis, "spawn");
  await untilDone(async () => {
    const socket = connect(port, "127.0.0.1");
    await once(socket, "connect");
    socket.destroy();
  });
  return redis;
}

/** A job's outcome, which may arrive before or after the driver starts to wait for it. */
class Outcome {
  settle: (value: unknown, failure?: Error) => void = () => undefined;
  readonly value = new Promise<unknown>((resolve, reject) => {
    this.settle = (value, failure) => (failure ? reject(failure) : resolve(value));
  });
}

await drive(async (engines) => {
  const [port = 0] = await freePorts(1);
  const redis = await startRedis(port);
  const connection = connectionTo(port);
  const defaultJobOptions = { removeOnComplete: true, attempts: 2 };
  const queue = new bullmq.Queue(QUEUE, { connection, defaultJobOptions, streams: { events: { maxLen: 500_000 } } });
  const events = new bullmq.QueueEvents(QUEUE, { connection });
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);

  const outcomes = new Map<string, Outcome>();
  const outcomeOf = (id: string) => {
    const outcome = outcomes.get(id) ?? new Outcome();
    outcomes.set(id, outcome);
    return outcome;
  };
  events.on("completed", ({ jobId, returnvalue }) => outcomeOf(jobId).settle(returnvalue));
  events.on("failed", ({ jobId, failedReason }) => outcomeOf(jobId).settle(undefined, new Error(failedReason)));
  const workers = await Promise.all(
    Array.from({ length: engines }, () => forkWorker("./bullmq-worker.js", String(port))),
  );
  const submit = async (data: BullData) => outcomeOf((await queue.add("task", data)).id).value;

  return {
    versions: { bullmq: peerVersion("bullmq"), redis: redisVersion() },
    takesBytes: false,
    run: (task) => submit({ task }),
    runAll: async (tasks) => {
      const results: Promise<unknown>[] = [];
      for (let at = 0; at < tasks.length; at += BULK) {
        const bulk = tasks.slice(at, at + BULK).map((task) => ({ name: "task", data: { task } }));
        for (const { id } of await queue.addBulk(bulk)) results.push(outcomeOf(id).value);
      }
      return Promise.all(results);
    },
    fibonacci: (n) => submit({ fibonacci: n, isWaiting: false }),
    killWorker: () => workers[0]?.kill("SIGKILL"),
    close: async () => {
      await Promise.all(workers.map(endChild));
      await Promise.all([queue.close(), events.close()]);
      await endChild(redis);
    },
  };
});
