import { onAborted, throwIfAborted } from "../cluster/abortable.ts";
import type { TaskSource } from "../outcomes/task-source.ts";
import type { Waiter } from "../outcomes/task-waiters.ts";
import { ResultItems, type Settled } from "./result-items.ts";
import type { GetOptions } from "./result-options.ts";
import type { Reading } from "./result-reader.ts";

/**
 * Waits for one task and returns its value. Takes a small part of the memory that `ResultReader.values` takes: a program
 * may await 100,000 tasks at once.
 *
 * @throws the task's error, unless `returnExceptions` is set; the signal's reason if it is aborted
 */
export function taskValue(
  ports: Reading,
  source: TaskSource,
  { returnExceptions = source.returnExceptions, signal }: Omit<GetOptions, "timeoutMs">,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    throwIfAborted(signal);
    const awaited = new AwaitedTask(ports, source, resolve, reject);
    awaited.returnsError = returnExceptions === true;
    awaited.begin(signal);
  });
}

/** A task whose value something awaits. It is its own waiter, because closures would take more memory. */
class AwaitedTask implements Waiter {
  /** Whether the error of a failed task is its value. */
  returnsError = false;
  readonly #ports: Reading;
  readonly #source: TaskSource;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (error: unknown) => void;
  #isWaiting = false;
  #unheard: (() => void) | undefined;

  constructor(ports: Reading, source: TaskSource, resolve: (value: unknown) => void, reject: (error: unknown) => void) {
    this.#ports = ports;
    this.#source = source;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get from(): number {
    return this.#source.task;
  }

  get to(): number {
    return this.#source.task + 1;
  }

  begin(signal: AbortSignal | undefined): void {
    const { outcomes, task } = this.#source;
    const failure = outcomes.hearFailure();
    if (failure) {
      this.#reject(failure);
      return;
    }
    if (signal)
      this.#unheard = onAborted(signal, () => {
        this.#leave();
        this.#reject(signal.reason);
      });
    if (outcomes.isFinal(task)) this.#read(1);
    else {
      this.#isWaiting = true;
      outcomes.waiters.join(this);
      this.#ports.poller.hold(outcomes);
    }
  }

  onEnd(): void {
    this.#leave();
    // Like every read that begins as soon as its task ends, a failed one is repeated.
    this.#read(2);
  }

  onFailure(error: Error): void {
    this.#source.outcomes.hearFailure();
    this.#leave();
    this.#fail(error);
  }

  #leave(): void {
    const { outcomes } = this.#source;
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    outcomes.waiters.leave(this);
    this.#ports.poller.release(outcomes);
  }

  /** @param attempts how often to try to fetch a stored value */
  #read(attempts: number): void {
    const { outcomes, task, loaded } = this.#source;
    const { blobs, unawaited } = this.#ports;
    unawaited.awaited(loaded.parts);
    try {
      const settled = new ResultItems(loaded.parts, blobs, false).read({ outcomes, task, offset: 0 });
      const again = (error: unknown) => (attempts > 1 ? this.#read(attempts - 1) : this.#fail(error));
      if (settled instanceof Promise) settled.then((late) => this.#take(late), again);
      else this.#take(settled);
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(settled: Settled): void {
    this.#unheard?.();
    if (settled.ok) this.#resolve(settled.value);
    else if (this.returnsError) this.#resolve(settled.error);
    else this.#reject(settled.error);
  }

  #fail(error: unknown): void {
    this.#unheard?.();
    this.#reject(error);
  }
}
