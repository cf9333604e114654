import { setImmediate as turn } from "node:timers/promises";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";
import { CodecError, NameError } from "../../lambdas/protocol/errors.ts";
import { unitsOf } from "../../lambdas/protocol/function-reference.ts";
import { InvalidArgument } from "../../lambdas/protocol/invalid-argument.ts";
import { isNamedFunction, type NamedValue } from "../../lambdas/protocol/named-value.ts";
import { NAME_CHARS } from "../../lambdas/protocol/reference.ts";
import type { PullMessage, PushMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { throwIfAborted } from "../cluster/abortable.ts";
import { refusal } from "../cluster/refusal.ts";
import type { SchedulerFunction } from "../cluster/scheduler-function.ts";
import type { Flags } from "../flags/flags.ts";
import type { BlobReader } from "../outcomes/blob-reader.ts";
import { BlobDrafts } from "../submit/blob-drafts.ts";
import type { BlobUploads } from "../submit/blob-uploads.ts";
import type { FunctionUnits } from "../submit/function-units.ts";
import type { Submitter } from "../submit/submitter.ts";

/** Maximum number of values pulled by one message, so that its answer is at most about 4 MB. */
const PULL_VALUES = 400;

/** One value, its name, and the engines that get it. */
export interface Push {
  name: string;
  engines: number[];
  value: unknown;
}

/** The parts of a client that push values and pull them. */
interface Ports {
  units: FunctionUnits;
  uploads: BlobUploads;
  submitter: Submitter;
  scheduler: SchedulerFunction;
  blobs: BlobReader;
}

/** Reads and writes the named values of engines. */
export class NamedValues {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /**
   * Stores values under names on engines, ordered after earlier and before later submissions. Values are encoded during
   * the call, so later changes to them have no effect.
   *
   * @throws TypeError for an invalid name; CodecError for a value that cannot be encoded; CaptureError for a function
   *   that cannot be shipped; rejects with the signal's reason if it is aborted before anything is sent
   */
  push(pushes: readonly Push[], flags: Flags): Promise<void> {
    const { units, uploads, submitter, scheduler } = this.#ports;
    submitter.assertOpen();
    const drafts = new BlobDrafts();
    const hashes = new Set<string>();
    const values = pushes.map(({ name, engines, value }) => {
      if (name === "" || name.length > NAME_CHARS)
        throw new InvalidArgument(`the name of a pushed value must be a string of 1 to ${NAME_CHARS} characters`);
      return { name, engines, value: this.#encoded(name, value, flags, drafts, hashes) };
    });
    if (values.length === 0) return Promise.resolve();
    const { signal } = flags;
    return submitter.inTurn(async () => {
      // Send in a later turn of the event loop, because the caller may still abort the signal in this one.
      if (signal) await turn();
      throwIfAborted(signal);
      await uploads.put(drafts.uploads().objects);
      const unsent = [...hashes].flatMap((hash) => units.unsent(hash) ?? []);
      const answer = await scheduler.ask(JSON.stringify({ type: "push", units: unsent, values } satisfies PushMessage));
      if (answer.type === "error") throw refusal(answer);
      for (const hash of hashes) units.sent(hash);
    });
  }

  /**
   * Gets the values of a name on engines, in the order of the engines.
   *
   * @throws NameError, which names the first engine that has no such value; CodecError for a function
   */
  async pull(name: string, engines: readonly number[]): Promise<unknown[]> {
    const { submitter, scheduler } = this.#ports;
    const values: unknown[] = [];
    for (let at = 0; at < engines.length; at += PULL_VALUES) {
      const some = engines.slice(at, at + PULL_VALUES);
      const message: PullMessage = { type: "pull", names: [name], engines: some };
      const answer = await submitter.inTurn(() => scheduler.ask(JSON.stringify(message)));
      if (answer.type === "error") throw refusal(answer);
      const found = answer.type === "values" ? (answer.values[0] ?? []) : [];
      const read = some.map((engine, position) => this.#pulled(name, engine, found[position] ?? undefined));
      values.push(...(await Promise.all(read)));
    }
    return values;
  }

  #encoded(name: string, value: unknown, flags: Flags, drafts: BlobDrafts, hashes: Set<string>): NamedValue {
    if (typeof value !== "function") return drafts.encoded(encodeValue(value, name));
    const fn = this.#ports.units.reference(value, flags, drafts);
    for (const { code } of unitsOf(fn)) hashes.add(code);
    return { fn };
  }

  async #pulled(name: string, engine: number, value: NamedValue | undefined): Promise<unknown> {
    if (value === undefined) throw new NameError(name, engine);
    if (typeof value === "string") return decodeValue(value);
    if (isNamedFunction(value))
      throw new CodecError(name, "is a function, which cannot be pulled: call it on the engine through a Reference");
    return decodeValue(await this.#ports.blobs.get(value));
  }
}
