/** States of a task of the lease. */
const WAITING = 0;
const STARTED = 1;
/**
 * The task's function has ended, but tasks that wait for it may not start: it failed, or its result must be stored
 * first.
 */
const ENDED = 2;
/** The task was taken back before it started. */
const CUT = 3;
/** The task has succeeded with a result that is final: tasks that wait for it may start. */
const SUCCEEDED = 4;
/** The task has started, and waits for tasks that it submitted. */
const PARKED = 5;

/**
 * Bytes before the states: start time of the current task, its position, and the positions of the tasks that last read
 * their AbortSignal and opened their view.
 */
const HEAD_BYTES = 20;
const NOBODY = -1;

/**
 * The states of a lease's tasks, by position, in memory that supervisor and worker share.
 *
 * The worker claims a task before starting it, the supervisor before taking it back. Only one of the two claims
 * succeeds, even while a task blocks the worker's thread.
 */
export class LeaseBoard {
  readonly memory: SharedArrayBuffer;
  readonly tasks: number;
  readonly #start: Float64Array;
  readonly #head: Int32Array;
  readonly #states: Int32Array;
  /** Supervisor: no task before this position is waiting. A task that has stopped waiting never waits again. */
  #firstWaiting = 0;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#start = new Float64Array(memory, 0, 1);
    this.#head = new Int32Array(memory, 8, 3);
    this.#states = new Int32Array(memory, HEAD_BYTES);
    this.tasks = this.#states.length;
  }

  /** Makes a board on which every task is waiting. */
  static of(tasks: number): LeaseBoard {
    const board = new LeaseBoard(new SharedArrayBuffer(HEAD_BYTES + 4 * tasks));
    board.#head.fill(NOBODY);
    return board;
  }

  /** Worker: claims the task before it starts. Returns false if the task was taken back, or has started before. */
  start(position: number, now: number): boolean {
    // Time and position are written before the claim, so that a thread that sees the claim also sees them.
    this.#start[0] = now;
    Atomics.store(this.#head, 0, position);
    return Atomics.compareExchange(this.#states, position, WAITING, STARTED) === WAITING;
  }

  /** Worker: records that the task's function has ended. */
  end(position: number, hasSucceeded = false): void {
    Atomics.store(this.#states, position, hasSucceeded ? SUCCEEDED : ENDED);
  }

  hasSucceeded(position: number): boolean {
    return Atomics.load(this.#states, position) === SUCCEEDED;
  }

  /** Whether the task was taken back before it started. */
  isCut(position: number): boolean {
    return Atomics.load(this.#states, position) === CUT;
  }

  /** Worker: records that the task has read its AbortSignal. */
  listen(position: number): void {
    Atomics.store(this.#head, 1, position);
  }

  /** Worker: records that the task has opened its view. */
  openView(position: number): void {
    Atomics.store(this.#head, 2, position);
  }

  /** Supervisor: takes a task back. Returns false if the task has started. */
  cut(position: number): boolean {
    return Atomics.compareExchange(this.#states, position, WAITING, CUT) === WAITING;
  }

  /** Supervisor: takes back every task that has not started, and returns their positions. */
  cutWaiting(): number[] {
    const positions: number[] = [];
    for (let position = this.#firstWaiting; position < this.tasks; position++)
      if (this.cut(position)) positions.push(position);
    return positions;
  }

  /** Supervisor: whether any task can still be started. */
  hasWaiting(): boolean {
    while (this.#firstWaiting < this.tasks && !this.isWaiting(this.#firstWaiting)) this.#firstWaiting++;
    return this.#firstWaiting < this.tasks;
  }

  /** Whether the first task is no longer waiting. */
  hasBegun(): boolean {
    return this.tasks === 0 || !this.isWaiting(0);
  }

  /** Supervisor: records that the task waits for others, so that it no longer counts as running. */
  park(position: number): void {
    Atomics.compareExchange(this.#states, position, STARTED, PARKED);
  }

  /** The running task, and when it started, in epoch milliseconds; undefined if none is running. */
  running(): { position: number; startedAt: number; isListening: boolean; hasView: boolean } | undefined {
    const position = Atomics.load(this.#head, 0);
    if (position === NOBODY || Atomics.load(this.#states, position) !== STARTED) return undefined;
    // A task that has opened its view may soon wait for tasks that it submits.
    const hasView = Atomics.load(this.#head, 2) === position;
    return { position, startedAt: this.#start[0] ?? 0, isListening: this.isListening(position), hasView };
  }

  /** Whether the task at this position has read its AbortSignal. */
  isListening(position: number): boolean {
    return Atomics.load(this.#head, 1) === position;
  }

  isWaiting(position: number): boolean {
    return Atomics.load(this.#states, position) === WAITING;
  }

  hasStarted(position: number): boolean {
    return Atomics.load(this.#states, position) === STARTED;
  }
}
