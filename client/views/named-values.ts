import { setImmediate as turn } from "node:timers/promises";
import { decodeValue, encodeValue } from "../../lambdas/protocol/codec.ts";
import { CodecError, NameError } from "../../lambdas/protocol/errors.ts";
import { unitsOf } from "../../lambdas/protocol/function-reference.ts";
import { isNamedFunction, type NamedValue } from "../../lambdas/protocol/named-value.ts";
import { NAME_CHARS } from "../../lambdas/protocol/reference.ts";
import type { PullMessage, PushMessage } from "../../lambdas/protocol/scheduler-messages.ts";
import { throwIfAborted } from "../cluster/abortable.ts";
import { refusal } from "../cluster/refusal.ts";
import type { SchedulerDoor } from "../cluster/scheduler-door.ts";
import type { Flags } from "../flags/flags.ts";
import type { BlobReader } from "../outcomes/blob-reader.ts";
import { BlobDrafts } from "../submit/blob-drafts.ts";
import type { BlobUploads } from "../submit/blob-uploads.ts";
import type { FunctionUnits } from "../submit/function-units.ts";
import type { Submitter } from "../submit/submitter.ts";

/** Values that are asked for in one message: its answer is at most some 4 MB. */
const PULL_VALUES = 400;

/** One value, and the engines that are to have it. */
export interface Push {
  name: string;
  engines: number[];
  value: unknown;
}

/** What ships values, and asks for them. */
interface Ports {
  units: FunctionUnits;
  uploads: BlobUploads;
  submitter: Submitter;
  door: SchedulerDoor;
  blobs: BlobReader;
}

/** The values that engines have under names. */
export class NamedValues {
  readonly #ports: Ports;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /**
   * Gives values names on engines, after what was submitted before and before what is submitted later. Values are taken
   * as they are at the call.
   *
   * @throws TypeError for an invalid name, CodecError for a value that cannot be encoded, CaptureError for a function that
   *   cannot be shipped; rejects with the signal's reason when that is raised before anything is sent
   */
  push(pushes: readonly Push[], flags: Flags): Promise<void> {
    const { units, uploads, submitter, door } = this.#ports;
    submitter.assertOpen();
    const drafts = new BlobDrafts();
    const hashes = new Set<string>();
    const values = pushes.map(({ name, engines, value }) => {
      if (name === "" || name.length > NAME_CHARS)
        throw new TypeError(`a name must be a string of 1 to ${NAME_CHARS} characters`);
      return { name, engines, value: this.#encoded(name, value, flags, drafts, hashes) };
    });
    if (values.length === 0) return Promise.resolve();
    const { signal } = flags;
    return submitter.inTurn(async () => {
      // A signal may still be raised in the turn of the call.
      if (signal) await turn();
      throwIfAborted(signal);
      await uploads.put(drafts.blobs);
      const unsent = [...hashes].flatMap((hash) => units.unsent(hash) ?? []);
      const answer = await door.ask(JSON.stringify({ type: "push", units: unsent, values } satisfies PushMessage));
      if (answer.type === "error") throw refusal(answer);
      for (const hash of hashes) units.sent(hash);
    });
  }

  /**
   * The values that a name has on engines, in their order.
   *
   * @throws NameError that names the first engine to which nothing was pushed, CodecError for a function
   */
  async pull(name: string, engines: readonly number[]): Promise<unknown[]> {
    const { submitter, door } = this.#ports;
    const values: unknown[] = [];
    for (let at = 0; at < engines.length; at += PULL_VALUES) {
      const some = engines.slice(at, at + PULL_VALUES);
      const message: PullMessage = { type: "pull", names: [name], engines: some };
      const answer = await submitter.inTurn(() => door.ask(JSON.stringify(message)));
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
    return decodeValue(await this.#ports.blobs.get(value.blob));
  }
}
