/** The type that TypeScript's own promises give to rejection handlers. */
type Reason = Parameters<NonNullable<Parameters<Promise<unknown>["catch"]>[0]>>[0];

/**
 * A promise whose work starts when it is first awaited. If nothing awaits it, it does no work and raises no
 * unhandledRejection.
 */
export abstract class LazyPromise<T> implements Promise<T> {
  abstract readonly [Symbol.toStringTag]: string;
  #promise: Promise<T> | undefined;

  /** Starts the work. Called once. */
  protected abstract begin(): Promise<T>;

  // biome-ignore lint/suspicious/noThenProperty: it is a promise, and awaited as one
  then<Fulfilled = T, Rejected = never>(
    onFulfilled?: ((value: T) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: Reason) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    this.#promise ??= this.begin();
    return this.#promise.then(onFulfilled, onRejected);
  }

  catch<Rejected = never>(
    onRejected?: ((reason: Reason) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<T | Rejected> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then(
      (value) => Promise.resolve(onFinally?.()).then(() => value),
      (reason) =>
        Promise.resolve(onFinally?.()).then(() => {
          throw reason;
        }),
    );
  }
}
