import { parentPort } from "node:worker_threads";
import * as v from "valibot";
import { ClusterError } from "../../../lambdas/protocol/errors.ts";
import { lastWords } from "./system-failure.ts";

/**
 * Calls between a process and its parent over Node's IPC, or between a thread and its process. They are few and small:
 * task data does not travel here.
 */

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

/**
 * Lets the owner call `verbs`: the parent of this process, or the process of this thread. Arguments and results are
 * plain JSON.
 */
export function serveOwner(verbs: Readonly<Record<string, ((argument: never) => unknown) | undefined>>): void {
  const answer = (message: unknown) => (parentPort ? parentPort.postMessage(message) : process.send?.(message));
  const receive = (message: unknown) => {
    const { call, verb, argument } = v.parse(CallMessage, message);
    const action = verbs[verb];
    Promise.resolve()
      .then(() => {
        if (!action)
          throw new ClusterError(
            `the embedded cluster has no command ${verb}. This is a bug in fantail: please report it`,
          );
        // The parent runs the same version of this package, and its channel is typed with these verbs.
        return action(argument as never);
      })
      .then(
        (result) => answer({ call, result }),
        (error: unknown) => {
          const { message, stack = "" } = error instanceof Error ? error : { message: String(error) };
          answer({ call, error: { message, stack } });
        },
      );
  };
  if (parentPort) parentPort.on("message", receive);
  else process.on("message", receive);
}

/** A process or thread that serves calls, as seen by its owner. */
export interface Server {
  /** Sends a message. If the server is about to exit, the message is lost, and the server's end rejects the call. */
  send(message: object): void;
  onMessage(received: (message: unknown) => void): void;
  /**
   * Calls `ended` once, after the last message.
   *
   * `how` completes a sentence that begins with the server's name; `complaint` is the server's stderr, or the error
   * that it threw.
   */
  onEnd(ended: (how: string, complaint: string) => void): void;
  /** Makes the server keep the owner's process alive. */
  ref(): void;
  /** Lets the owner's process end although the server is running. */
  unref(): void;
  /** Ends the server at once. */
  kill(): void;
}

type Call<V, Name extends keyof V> = V[Name] extends (...call: infer Arguments) => unknown ? Arguments : never;
type Result<V, Name extends keyof V> = V[Name] extends (...call: never) => infer Given ? Awaited<Given> : never;

/** The owner's side of `serveOwner`. `V` is the set of verbs that the server serves. */
export class CallChannel<V> {
  readonly #server: Server;
  readonly #waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>();
  #calls = 0;
  #over: ClusterError | undefined;
  #isClosing = false;
  #ended: (why: ClusterError) => void = () => {};
  /** Resolves with the reason once the server has ended. */
  readonly ended: Promise<ClusterError>;

  /** @param name the server's name in error messages */
  constructor(server: Server, name: string) {
    this.#server = server;
    this.ended = new Promise((resolve) => {
      this.#ended = resolve;
    });
    server.onMessage((message) => this.#answered(v.parse(Answer, message)));
    server.onEnd((how, complaint) => this.#end(name, how, complaint));
  }

  /** From now on, reports the server's end as requested by its owner, whatever its cause. */
  expectEnd(): void {
    this.#isClosing = true;
  }

  /** Ends the server at once. */
  kill(): void {
    this.#server.kill();
  }

  /** Calls a verb of the server. Rejects with ClusterError if the verb throws or the server has ended. */
  call<Name extends keyof V & string>(verb: Name, ...[argument]: Call<V, Name>): Promise<Result<V, Name>> {
    if (this.#over) return Promise.reject(this.#over);
    const call = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(call, { resolve, reject });
      // An idle cloud must not keep this process alive; a pending call must.
      if (this.#waiting.size === 1) this.#server.ref();
      this.#server.send({ call, verb, argument });
    });
  }

  #answered(answer: v.InferOutput<typeof Answer>): void {
    const waiting = this.#waiting.get(answer.call);
    this.#waiting.delete(answer.call);
    if (this.#waiting.size === 0) this.#server.unref();
    if ("error" in answer) waiting?.reject(new ClusterError(answer.error.message, { cause: answer.error }));
    else waiting?.resolve(answer.result as never); // The server runs the same version of this package.
  }

  /**
   * Rejects all pending calls and resolves `ended`.
   *
   * @param how how the server ended, for the message if the complaint gives no reason
   */
  #end(name: string, how: string, complaint: string): void {
    if (this.#isClosing) how = "was closed";
    const words = this.#isClosing ? "" : lastWords(complaint);
    this.#over ??= new ClusterError(words === "" ? `${name} ${how}` : `${name} ended: ${words}`);
    for (const { reject } of this.#waiting.values()) reject(this.#over);
    this.#waiting.clear();
    this.#ended(this.#over);
  }
}
