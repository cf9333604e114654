import type { ViewCall } from "../../authoring/view-calls.ts";
import type { EncodedValue, FunctionReference } from "../../protocol/function-reference.ts";
import type { EncodedError, EntryStatus } from "../../protocol/outcome-page.ts";
import type { GrantedNames } from "../../protocol/report-messages.ts";
import type { GrantedArguments } from "../../protocol/spec-page.ts";

/** What the engine's main thread and its worker say to each other. */

/** What the engine gives its worker once. */
export interface WorkerSettings {
  pool: string;
  /** Claims that code which clients have sent may run. */
  codeShipping: boolean;
  /** URL of the module with the deployed functions; there may be none. */
  functions: string;
  /** Where it writes what its tasks write; see `SharedOutput`. */
  output: SharedArrayBuffer;
}

/** A function of the lease, or why its unit is not there: then its tasks end as lost. */
export type WorkerFunction = FunctionReference & { missing?: string };

/** A lease as the worker runs it. Posted again, to a fresh worker, it goes on with what still waits on the board. */
export interface WorkerLease {
  job: string;
  engineId: number;
  board: SharedArrayBuffer;
  /** `needs`: places of tasks before it that must have succeeded. */
  tasks: [index: number, attempt: number, fn: number, args: GrantedArguments, needs?: number[]][];
  functions: WorkerFunction[];
  chunked: boolean;
  /** What its tasks refer to by name. */
  names?: GrantedNames;
  runTimeoutMs?: number;
  /** Epoch milliseconds at which any task is stopped: the deadline, or the end of the invocation. */
  endsAt: number;
}

export type ToWorker =
  /** Run it; `units` are sources that this worker has not been given yet, by hash. */
  | { type: "lease"; lease: WorkerLease; units: [hash: string, source: string][] }
  /** Raise the task's AbortSignal. */
  | { type: "stop"; position: number; reason: string }
  /** Answer to `get`. */
  | { type: "blob"; id: number; bytes: Uint8Array }
  | { type: "noBlob"; id: number; message: string }
  /** So many bytes of results have been stored. */
  | { type: "stored"; bytes: number }
  /** Answer to `call`. */
  | { type: "answer"; id: number; value: unknown }
  | { type: "noAnswer"; id: number; message: string };

/** How one task ended. */
export interface TaskResult {
  position: number;
  status: EntryStatus;
  value?: EncodedValue;
  error?: EncodedError;
  started: number;
  completed: number;
  stdout?: string;
  stderr?: string;
  /** What `value` refers to and must be stored before it is told. */
  blobs?: Uint8Array[];
  /** Claims that its AbortSignal was raised before it ended. */
  stopped?: true;
}

/** How the worker died, and by which task's doing, by position; `none` when by what an ended task had left behind. */
export interface DeathNote {
  message: string;
  /** Absent when it is not known, and so the running one. */
  culprit?: number | "none";
  /** Claims that it died for want of memory. */
  isOutOfMemory?: boolean;
}

export type FromWorker =
  /** It can take leases. */
  | { type: "ready" }
  /** `isLast`: nothing of the lease waits or runs. One message for both: each wakes a thread, for 0.1 ms. */
  | { type: "results"; results: TaskResult[]; isLast: boolean }
  /** The running task has written something; see `SharedOutput`. */
  | { type: "output"; position: number }
  | { type: "get"; id: number; hash: string }
  /** What a task's view asks. */
  | { type: "call"; id: number; call: ViewCall }
  /** The running task waits for others; nothing else of the lease is started by this worker. */
  | { type: "waits"; position: number }
  /** The worker ends after this. */
  | { type: "dying"; note: DeathNote };
