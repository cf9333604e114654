import type { HashedValue } from "../../adapters/pack.ts";
import type { ViewCall } from "../../authoring/view-calls.ts";
import type { AttemptPhases } from "../../protocol/attempt-phases.ts";
import type { EncodedValue, FunctionReference } from "../../protocol/function-reference.ts";
import type { GrantedNames } from "../../protocol/grant.ts";
import type { EncodedError, EntryStatus, ItemOutcome } from "../../protocol/outcome-page.ts";
import type { GrantedArguments } from "../../protocol/spec-page.ts";
import type { StoredValue } from "../../protocol/stored-value.ts";
import type { TraceFields } from "../../protocol/trace-fields.ts";

/** The messages between the engine's main thread and its worker. */

/** The settings that a worker gets when it starts. */
export interface WorkerSettings {
  pool: string;
  /** Whether code sent by clients may run. */
  codeShipping: boolean;
  /** URL of the module with the deployed functions; the module need not exist. */
  functions: string;
  /** When the engine's process started, in epoch milliseconds; undefined for all but its first thread. */
  coldFrom: number | undefined;
  /** Memory for the output of the worker's tasks; see `SharedOutput`. */
  output: SharedArrayBuffer;
}

/** A function of the lease. `missing` says why the function's code is absent; tasks of such a function end as lost. */
export type WorkerFunction = FunctionReference & { missing?: string };

/**
 * A lease as the worker runs it. A new worker that receives the same lease runs the tasks still waiting on the board.
 */
export interface WorkerLease {
  job: string;
  engineId: number;
  board: SharedArrayBuffer;
  /** A task starts only if the earlier tasks at the positions in `needs` have succeeded. */
  tasks: [index: number, attempt: number, fn: number, args: GrantedArguments, needs?: number[]][];
  functions: WorkerFunction[];
  chunked: boolean;
  /** Pushed values that the lease's tasks refer to by name. */
  names?: GrantedNames;
  runTimeoutMs?: number;
  /** When every task is stopped, in epoch milliseconds: the deadline or the end of the invocation. */
  endsAt: number;
  /** The trace of the job; absent for most. */
  trace?: TraceFields;
}

export type ToWorker =
  /** Run a lease; `units` are sources by hash that this worker does not have yet. */
  | { type: "lease"; lease: WorkerLease; units: [hash: string, source: string][] }
  /** Raise the task's AbortSignal. */
  | { type: "stop"; position: number; reason: string }
  /** Answer to `get`. */
  | { type: "blob"; id: number; bytes: Uint8Array }
  | { type: "noBlob"; id: number; message: string }
  /** Results of this many bytes were stored, or could not be stored. */
  | { type: "stored"; bytes: number }
  /** A report on the lease was sent and answered at these times, for its span. */
  | { type: "reported"; sent: number; answered: number }
  /** Export the spans that have ended, then answer with `flushed`. */
  | { type: "flush" }
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
  phases?: AttemptPhases;
  stdout?: string;
  stderr?: string;
  /** The outcomes of a chunk's items, if some of their values are in `blobs`. `value` is then absent. */
  items?: ItemOutcome[];
  /**
   * Values that `value` or `items` refer to as blobs. They must be stored, as blobs or in packs, before the result is
   * reported.
   */
  blobs?: HashedValue[];
  /** Whether the task's AbortSignal was raised before the task ended. */
  stopped?: true;
}

/** How the worker died. */
export interface DeathNote {
  message: string;
  /** The stack lines of the error that ended the worker. */
  frames?: string;
  /**
   * Position of the task that caused the death; `none` if that task had already ended. Absent: the running task, unless
   * the thread was killed for another.
   */
  culprit?: number | "none";
  /** Whether the worker ran out of memory. */
  isOutOfMemory?: boolean;
}

export type FromWorker =
  /** The worker can take leases. */
  | { type: "ready" }
  /**
   * `isLast`: whether no task of the lease is waiting or running any more. This is not a message of its own, because
   * waking a thread costs 0.1 ms.
   */
  | { type: "results"; results: TaskResult[]; isLast: boolean }
  /** The running task has new output; see `SharedOutput`. */
  | { type: "output"; position: number }
  /**
   * Requests values, each under an id of its own. One message requests many, so that neighbors in a pack are read
   * together.
   */
  | { type: "get"; wanted: [id: number, value: StoredValue][] }
  /** A call of a task's view. */
  | { type: "call"; id: number; call: ViewCall }
  /** The running task waits for tasks that it submitted. This worker starts no other task of the lease. */
  | { type: "waits"; position: number }
  /** This thread records traces: it wants `reported` and, before the invocation ends, `flush`. */
  | { type: "tracing" }
  | { type: "flushed" }
  /** The last message of a worker that is about to end. */
  | { type: "dying"; note: DeathNote };
