import { ResultTimeout } from "../../lambdas/protocol/errors.ts";
import type { ClusterStatus } from "../../lambdas/protocol/scheduler-answer.ts";
import type { SchedulerMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import type { WaitOptions } from "../flags/wait-options.ts";
import { abortable } from "./abortable.ts";
import { type Clock, pause } from "./clock.ts";
import type { CloudPort } from "./cloud-port.ts";
import type { KnownCluster } from "./known-cluster.ts";
import { unexpectedAnswer } from "./refusal.ts";
import type { SchedulerFunction } from "./scheduler-function.ts";

/** The parts of a client that read or change the state of engines. `settled` resolves once all earlier submissions are accepted. */
export interface Asking {
  clock: Clock;
  scheduler: SchedulerFunction;
  cluster: KnownCluster;
  submitter: { settled(): Promise<void> };
}

const POLL_PAUSE_MS = 200;

/** Sends a message that the scheduler answers with the cluster's status, and returns the status. */
export async function askStatus(scheduler: Pick<CloudPort, "ask">, message: SchedulerMessage): Promise<ClusterStatus> {
  const answer = await scheduler.ask(JSON.stringify(message));
  if (answer.type !== "status") throw unexpectedAnswer(message.type, answer);
  return answer.status;
}

/**
 * Polls the cluster's status until `isThere` accepts it. Each status also updates the known cluster. Rejects with
 * ResultTimeout after `timeoutMs`, and with the signal's reason if it is aborted.
 */
function pollUntil(
  ports: Asking,
  isThere: (status: ClusterStatus) => boolean,
  options: WaitOptions,
  late: (status: ClusterStatus) => string,
  first?: SchedulerMessage,
): Promise<void> {
  return abortable(options.signal, () => pollNow(ports, isThere, options, late, first));
}

async function pollNow(
  ports: Asking,
  isThere: (status: ClusterStatus) => boolean,
  { timeoutMs = -1, signal }: WaitOptions,
  late: (status: ClusterStatus) => string,
  first: SchedulerMessage = { type: "status" },
): Promise<void> {
  const { clock, scheduler, cluster } = ports;
  const until = timeoutMs < 0 ? Number.POSITIVE_INFINITY : clock.now() + timeoutMs;
  for (let message = first; ; message = { type: "status" }) {
    signal?.throwIfAborted();
    const status = await askStatus(scheduler, message);
    cluster.saw(status);
    if (isThere(status)) return;
    if (clock.now() >= until) throw new ResultTimeout(late(status));
    await pause(clock, POLL_PAUSE_MS);
  }
}

/** @see Client.waitForEngines */
export async function waitForEngines(ports: Asking, count: number, options: WaitOptions): Promise<void> {
  const late = () =>
    `timed out after ${options.timeoutMs} ms: the number of engines is ${ports.cluster.engineCount}, not ${count}. Add some with client.scale(), or wait again`;
  await pollUntil(ports, () => ports.cluster.engineCount >= count, options, late);
}

/** @see Client.scale */
export async function scale(ports: Asking, pool: string, count: number): Promise<void> {
  await ports.submitter.settled();
  await pollUntil(
    ports,
    () => true,
    {},
    () => "",
    { type: "scale", pool, count },
  );
}

/** @see Client.drain */
export async function drain(ports: Asking, ids: readonly number[], options: WaitOptions): Promise<void> {
  if (ids.length === 0) return;
  // First let the scheduler accept the earlier submissions, whose tasks may still go to these engines.
  await abortable(options.signal, () => ports.submitter.settled());
  const left = ({ engines }: ClusterStatus) => engines.filter(({ id, live }) => live && ids.includes(id));
  const late = (status: ClusterStatus) =>
    `timed out after ${options.timeoutMs} ms: drained engines still hold tasks (${left(status)
      .map(({ id, load }) => `engine ${id}: ${load}`)
      .join(", ")}). They get no new ones; wait again`;
  await pollUntil(ports, (status) => left(status).length === 0, options, late, { type: "drain", engines: [...ids] });
}
