import { connect } from "node:net";
import { ClusterError } from "../../lambdas/protocol/errors.ts";
import type { Connection } from "../connection/connection.ts";
import { type Clock, pause, systemClock } from "./clock.ts";
import { endOf } from "./cluster-ended.ts";

/** How long a call is repeated while a service of the embedded cluster restarts, in milliseconds. */
const RESTART_MS = 15_000;
const PAUSE_MS = 100;
/** Node's error codes for calls to a service that is not running or has just ended. */
const GONE: ReadonlySet<unknown> = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE"]);

/**
 * Makes a call to a cluster. An embedded cluster restarts a service that has ended; until then, the call is repeated.
 *
 * @param call may be repeated; must itself retry all other failures
 * @throws ClusterEnded if the embedded cluster has ended; a retryable ClusterError if the service is not back within 15
 * seconds
 */
export async function embeddedCall<T>(
  connection: Connection,
  call: () => Promise<T>,
  clock: Clock = systemClock,
): Promise<T> {
  for (const since = clock.now(); ; await pause(clock, PAUSE_MS)) {
    try {
      return await call();
    } catch (error) {
      const isGone = error instanceof Error && "code" in error && GONE.has(error.code);
      const end = endOf(connection, error, isGone && !(await servesFunctions(connection)));
      if (end) throw end;
      if (!isGone || connection.pid === undefined) throw error;
      if (clock.now() - since > RESTART_MS)
        throw new ClusterError(
          `a service of the embedded cluster (process ${connection.pid}) has not answered for ${RESTART_MS / 1000} s: ${error.message}. The cluster is starting it again; repeat the call`,
          { cause: error, retryable: true },
        );
    }
  }
}

/** Whether the cluster's main process, which serves Lambda, accepts connections. True for a cluster on AWS. */
async function servesFunctions({ endpoints }: Connection): Promise<boolean> {
  if (endpoints === undefined) return true;
  const { hostname, port } = new URL(endpoints.lambda);
  const socket = connect(Number(port), hostname);
  const accepts = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  socket.destroy();
  return accepts;
}
