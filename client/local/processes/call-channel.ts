import type { ChildProcess } from "node:child_process";
import * as v from "valibot";
import { ClusterError } from "../../../lambdas/protocol/errors.ts";
import { lastWords } from "./system-failure.ts";

/** Calls between a process and its parent over Node's IPC. They are few and small: task data does not travel here. */

const CallMessage = v.strictObject({ call: v.number(), verb: v.string(), argument: v.optional(v.unknown()) });
const Answer = v.union([
  v.strictObject({ call: v.number(), result: v.optional(v.unknown()) }),
  v.strictObject({ call: v.number(), error: v.strictObject({ message: v.string(), stack: v.string() }) }),
]);

/** Implementations of the verbs `V`, synchronous or asynchronous. */
export type Serving<V> = {
  [Name in keyof V]: V[Name] extends (...call: infer Call) => infer Result
    ? (...call: Call) => Result | Promise<Awaited<Result>>
    : never;
};

/** Lets the parent process call `verbs`. Arguments and results are plain JSON. */
export function serveOwner(verbs: Readonly<Record<string, ((argument: never) => unknown) | undefined>>): void {
  process.on("message", (message) => {
    const { call, verb, argument } = v.parse(CallMessage, message);
    const action = verbs[verb];
    Promise.resolve()
      .then(() => {
        if (!action) throw new ClusterError(`the embedded cluster has no command ${verb}`);
        // The parent runs the same version of this package, and its channel is typed with these verbs.
        return action(argument as never);
      })
      .then(
        (result) => process.send?.({ call, result }),
        (error: unknown) => {
          const { message, stack = "" } = error instanceof Error ? error : { message: String(error) };
          process.send?.({ call, error: { message, stack } });
        },
      );
  });
}

type Call<V, Name extends keyof V> = V[Name] extends (...call: infer Arguments) => unknown ? Arguments : never;
type Result<V, Name extends keyof V> = V[Name] extends (...call: never) => infer Given ? Awaited<Given> : never;

/** The parent's side of `serveOwner`. `V` is the set of verbs that the child serves. */
export class CallChannel<V> {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  /** Returns what the process has written to stderr. */
  readonly #complaint: () => string;
  #calls = 0;
  #over: ClusterError | undefined;
  #isClosing = false;
  #ended: (why: ClusterError) => void = () => {};
  /** Resolves with the reason once the process has ended. */
  readonly ended: Promise<ClusterError>;

  /**
   * @param name the child's name in error messages
   * @param complaint returns what the child wrote to stderr, for the message if it dies
   */
  constructor(child: ChildProcess, name: string, complaint: () => string) {
    this.#child = child;
    this.#complaint = complaint;
    this.ended = new Promise((resolve) => {
      this.#ended = resolve;
    });
    child.on("message", (message) => this.#answered(v.parse(Answer, message)));
    // `close` follows `exit` once all output has been read.
    child.on("close", (code, signal) =>
      this.#end(name, signal ? `was killed (${signal})` : `ended with exit code ${code}`),
    );
    child.on("error", (error) => this.#end(name, `could not be started: ${error.message}`));
  }

  /** From now on, reports the child's end as requested by its owner, whatever its cause. */
  expectEnd(): void {
    this.#isClosing = true;
  }

  /** Calls a verb of the child. Rejects with ClusterError if the child throws or has ended. */
  call<Name extends keyof V & string>(verb: Name, ...[argument]: Call<V, Name>): Promise<Result<V, Name>> {
    if (this.#over) return Promise.reject(this.#over);
    const call = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
      // An idle cloud must not keep this process alive; a pending call must.
      if (this.#waiting.size === 1) this.#child.channel?.ref?.();
      // If sending fails, the child is about to exit, and the exit rejects the call.
      this.#child.send({ call, verb, argument }, () => {});
    });
  }

  #answered(answer: v.InferOutput<typeof Answer>): void {
    const waiting = this.#waiting.get(answer.call);
    this.#waiting.delete(answer.call);
    if (this.#waiting.size === 0) this.#child.channel?.unref?.();
    if ("error" in answer) waiting?.reject(new ClusterError(answer.error.message, { cause: answer.error }));
    else waiting?.resolve(answer.result as never); // The child runs the same version of this package.
  }

  /**
   * Rejects all pending calls and resolves `ended`.
   *
   * @param how how the child ended, for the message if the child gave no reason itself
   */
  #end(name: string, how: string): void {
    if (this.#isClosing) how = "was closed";
    const words = this.#isClosing ? "" : lastWords(this.#complaint());
    this.#over ??= new ClusterError(words === "" ? `${name} ${how}` : `${name} ended: ${words}`);
    for (const { reject } of this.#waiting.values()) reject(this.#over);
    this.#waiting.clear();
    this.#ended(this.#over);
  }
}
