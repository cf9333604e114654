import type { BlobStore } from "../../adapters/blob-store.ts";
import type { Clock } from "../../adapters/clock.ts";
import type { ReportEndpoint } from "../../adapters/report-endpoint.ts";
import type { InvocationTimes } from "../rules/invocation-times.ts";
import type { SessionPace } from "../rules/session-pace.ts";
import type { ParkedTasks } from "./parked-tasks.ts";
import type { SessionLog } from "./session-log.ts";
import type { TaskWorker } from "./task-worker.ts";
import type { Sender, ViewService } from "./view-service.ts";

/** One invocation of an engine: its credentials for the report function, and its collaborators. */
export interface Invocation {
  endpoint: ReportEndpoint;
  who: Sender;
  blobs: BlobStore;
  worker: TaskWorker;
  clock: Clock;
  times: InvocationTimes;
  pace: SessionPace;
  /** Tasks of earlier leases that wait for tasks of their own. */
  parked: ParkedTasks;
  /** Serves the views of the invocation's tasks. */
  views: ViewService;
  log: SessionLog;
  /** Hashes of the code units that the environment has cached. */
  have(): string[];
}
