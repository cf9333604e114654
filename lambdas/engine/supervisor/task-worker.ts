import { Worker } from "node:worker_threads";
import type { BlobStore } from "../../adapters/blob-store.ts";
import { ValueReader } from "../../adapters/value-reader.ts";
import type { ViewCall } from "../../authoring/view-calls.ts";
import { PACK_BYTES } from "../../core/packs.ts";
import { ClusterError } from "../../protocol/errors.ts";
import { invariant } from "../../protocol/invariant.ts";
import type { StoredValue } from "../../protocol/stored-value.ts";
import { messageOf } from "../messages/message-of.ts";
import { type LiveOutput, SharedOutput } from "../messages/shared-output.ts";
import type { DeathNote, FromWorker, ToWorker, WorkerLease, WorkerSettings } from "../messages/worker-messages.ts";
import type { DetachedThread, LeaseListener } from "./lease-listener.ts";
import { MemoryGuard } from "./memory-guard.ts";
import { ThreadTraces } from "./thread-traces.ts";

/** Number of code units after which a worker is replaced before its next lease: evaluated code is never freed. */
const RECYCLE_UNITS = 1000;
const RECYCLE_CHARS = 64 * 1024 * 1024;

/**
 * Maximum number of idle threads to keep warm besides the thread of the lease. Recursion needs one per level of waiting
 * tasks.
 */
const MAX_SPARES = 4;

/**
 * Limits of fetching values. One request may read a whole pack, even if only every other value is wanted, as when two
 * engines share a map: reading a gap of 256 KB takes a sixth of the time that another request needs to its first byte.
 */
const FETCHES = { blobs: 24, parts: 4, partBytes: 2 * PACK_BYTES, gapBytes: 256 * 1024 };

/** Settings for starting workers. */
export interface TaskWorkerSettings {
  /** The bundled worker.ts. */
  entry: URL;
  pool: string;
  /** Memory of the environment, in megabytes. */
  memoryMb: number;
  environment: NodeJS.ProcessEnv;
  blobs: BlobStore;
  /** Whether code sent by clients may run. */
  codeShipping: boolean;
  /** The module with the deployed functions; it need not exist. */
  functions: URL;
}

/** A started thread, and the units it was given. */
interface LiveWorker {
  thread: Worker;
  /** Receives the worker's events; undefined between leases. */
  listener: LeaseListener | undefined;
  isReady: boolean;
  note: DeathNote | undefined;
  given: Set<string>;
  givenChars: number;
  output: SharedOutput;
  traces: ThreadTraces;
}

/** The warm thread in which tasks run, replaced when it dies. One lease at a time. */
export class TaskWorker {
  readonly #settings: TaskWorkerSettings;
  #coldFrom: number | undefined = Date.now() - process.uptime() * 1000;
  readonly #values: ValueReader;
  /** Watches the memory of the environment, most of which the thread uses. */
  readonly memory: MemoryGuard;
  #live: LiveWorker | undefined;
  /** Idle threads, for when the thread of a lease is detached. */
  readonly #spares: LiveWorker[] = [];
  /** Serves the calls of tasks' views. Set by the session. */
  serveView: (call: ViewCall) => Promise<unknown> = () =>
    Promise.reject(new ClusterError("the engine has no session that could serve the task's view: run the task again"));

  constructor(settings: TaskWorkerSettings) {
    this.#settings = settings;
    this.#values = new ValueReader(settings.blobs, FETCHES);
    this.memory = new MemoryGuard(settings.memoryMb);
  }

  /** Starts the thread before its first lease, unless one is running, because a start takes 30 ms. */
  warmUp(): void {
    this.#live ??= this.#start();
  }

  /** Runs the tasks that wait on the lease's board. If the worker dies, call it again with the same lease. */
  run(lease: WorkerLease, sources: ReadonlyMap<string, string>, listener: LeaseListener): void {
    const worn = this.#live;
    if (worn && (worn.given.size > RECYCLE_UNITS || worn.givenChars > RECYCLE_CHARS)) {
      this.#live = undefined;
      void worn.thread.terminate();
    }
    const live = this.#live ?? this.#spares.pop() ?? this.#start();
    this.#live = live;
    live.listener = listener;
    live.output.forget();
    live.thread.ref();
    const units = [...sources].filter(([hash]) => !live.given.has(hash));
    for (const [hash, source] of units) {
      live.given.add(hash);
      live.givenChars += source.length;
    }
    this.#post(live, { type: "lease", lease, units });
  }

  /** The output of the task at this position so far; undefined if it wrote nothing, or another task wrote last. */
  written(position: number): LiveOutput | undefined {
    return this.#live?.output.read(position);
  }

  /** Ends the lease: its listener receives no further event. */
  release(): void {
    if (!this.#live) return;
    this.#live.listener = undefined;
    this.#live.thread.unref();
  }

  /** Leaves the lease's thread to the task that waits in it. The next lease runs in another thread. */
  detach(listener: LeaseListener): DetachedThread {
    const live = this.#live;
    invariant(live, "there is no thread to detach");
    this.#live = undefined;
    live.listener = listener;
    return {
      stop: (position, reason) => this.#post(live, { type: "stop", position, reason }),
      kill: () => void live.thread.terminate(),
      release: () => {
        live.listener = undefined;
        live.thread.unref();
        if (this.#spares.length < MAX_SPARES) this.#spares.push(live);
        else void live.thread.terminate();
      },
    };
  }

  /** Raises the AbortSignal of the task at this position, if it is running. */
  stop(position: number, reason: string): void {
    if (this.#live) this.#post(this.#live, { type: "stop", position, reason });
  }

  /** Records that results of this many bytes were stored, or could not be stored. */
  stored(bytes: number): void {
    if (this.#live) this.#post(this.#live, { type: "stored", bytes });
  }

  /** The spans of the lease's thread. */
  get traces(): ThreadTraces | undefined {
    return this.#live?.traces;
  }

  /** Kills the lease's thread and the idle ones, whatever they are doing. The lease's listener then gets `died`. */
  async kill(): Promise<void> {
    await Promise.all([this.#live, ...this.#spares].map((one) => one?.thread.terminate()));
  }

  #start(): LiveWorker {
    const { entry, pool, memoryMb, environment, codeShipping, functions } = this.#settings;
    const output = new SharedOutput();
    const shared = { pool, codeShipping, functions: functions.href, output: output.memory, coldFrom: this.#coldFrom };
    const thread = new Worker(entry, {
      workerData: shared satisfies WorkerSettings,
      env: environment,
      name: "fantail-tasks",
      // Not below the environment's memory: V8 may end the whole process at this limit, as it often does in Node 24.
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    this.#coldFrom = undefined;
    const live: LiveWorker = {
      thread,
      listener: undefined,
      isReady: false,
      note: undefined,
      given: new Set(),
      givenChars: 0,
      output,
      traces: new ThreadTraces((message) => this.#post(live, message)),
    };
    thread.unref();
    thread.on("message", (message: FromWorker) => this.#hear(live, message));
    thread.on("error", (error: Error & { code?: string }) => {
      const isOutOfMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
      live.note ??= isOutOfMemory ? { message: this.memory.message, isOutOfMemory } : { message: messageOf(error) };
    });
    // This event comes last, after all messages of the thread.
    thread.on("exit", (code) => this.#buried(live, code));
    return live;
  }

  #hear(live: LiveWorker, message: FromWorker): void {
    switch (message.type) {
      case "ready":
        live.isReady = true;
        this.memory.rebase();
        return;
      case "tracing":
      case "flushed":
        live.traces.hear(message.type);
        return;
      case "dying":
        live.note = message.note;
        return;
      case "get":
        for (const [id, value] of message.wanted) void this.#fetch(live, id, value);
        return;
      case "call":
        void this.#serve(live, message.id, message.call);
        return;
      case "output":
        live.listener?.output(message.position);
        return;
      case "waits":
        live.listener?.waits(message.position);
        return;
      case "results":
        live.listener?.results(message.results);
        if (message.isLast) live.listener?.done();
    }
  }

  async #fetch(live: LiveWorker, id: number, value: StoredValue): Promise<void> {
    try {
      const bytes = await this.#values.get(value);
      const { buffer, byteLength } = bytes;
      const moved = buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [];
      live.thread.postMessage({ type: "blob", id, bytes } satisfies ToWorker, moved);
    } catch (error) {
      this.#post(live, { type: "noBlob", id, message: messageOf(error) });
    }
  }

  async #serve(live: LiveWorker, id: number, call: ViewCall): Promise<void> {
    try {
      this.#post(live, { type: "answer", id, value: await this.serveView(call) });
    } catch (error) {
      this.#post(live, { type: "noAnswer", id, message: messageOf(error) });
    }
  }

  #buried(live: LiveWorker, code: number): void {
    live.traces.hear("ended");
    if (live === this.#live) this.#live = undefined;
    if (this.#spares.includes(live)) this.#spares.splice(this.#spares.indexOf(live), 1);
    const note = live.note ?? { message: `the task's thread ended with exit code ${code}` };
    const written = (position: number) => live.output.read(position);
    live.listener?.died({ ...note, wasReady: live.isReady, written });
  }

  #post(live: LiveWorker, message: ToWorker): void {
    live.thread.postMessage(message);
  }
}
