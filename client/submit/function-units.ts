import { brotliCompressSync, constants } from "node:zlib";
import { registeredClasses, registrations } from "../../lambdas/protocol/class-registry.ts";
import { type CodeRules, checkName, codeRefused } from "../../lambdas/protocol/code-rules.ts";
import { encodeValue } from "../../lambdas/protocol/codec.ts";
import {
  type ClassesReference,
  type CodeReference,
  type CodeUnit,
  type FunctionReference,
  UNIT_ROW_CHARS,
} from "../../lambdas/protocol/function-reference.ts";
import type { Flags } from "../flags/flags.ts";
import { shipClasses } from "../shipping/ship-classes.ts";
import { shipFunction } from "../shipping/ship-function.ts";
import { BlobDrafts } from "./blob-drafts.ts";
import { checkedFunction } from "./checked-function.ts";
import { deployedReference } from "./deployed-reference.ts";

/** The reference to the code unit of the registered classes, and the unit's needs. */
export interface SentClasses {
  classes: ClassesReference;
  modules?: readonly string[] | undefined;
  uses?: readonly string[] | undefined;
}

/** The code units that one client has shipped. Each is sent once, however many closures share it. */
export class FunctionUnits {
  /** The functions that the cluster accepts, as far as known. */
  rules: CodeRules = { shipping: true, functions: undefined };
  readonly #places = new Map<string, CodeReference["at"]>();
  readonly #unsent = new Map<string, CodeUnit>();
  /**
   * Units too large for a row, by the hash of their source, as Brotli bytes. Each is kept until a submission with it
   * was accepted.
   */
  readonly #unstored = new Map<string, Uint8Array>();
  /** The classes to send with every function, if this process received them from another. */
  givenClasses: SentClasses | undefined;
  #ownClasses: (SentClasses & { count: number; blobs: BlobDrafts }) | undefined;

  /**
   * Refers to a deployed function by name, or captures any other function as it is now.
   *
   * @throws TypeError for anything but a function; CaptureError for what cannot be shipped; CodecError for a captured
   *   value that cannot be encoded; CodeShippingOff and UnknownFunction for what the cluster does not accept
   */
  reference(fn: unknown, flags: Flags, drafts: BlobDrafts): FunctionReference {
    const checked = checkedFunction(fn);
    const deployed = deployedReference(checked, this.rules, drafts);
    if (deployed) return deployed;
    if (!this.rules.shipping) throw codeRefused(checked.name || "without a name", this.rules);
    const { capture, allowSecrets } = flags;
    const shipped = shipFunction(checked, {
      ...(capture === undefined ? {} : { capture }),
      ...(allowSecrets === undefined ? {} : { allowSecrets: [...allowSecrets] }),
    });
    const { name, source, hash, data, modules, uses } = shipped;
    const classes = this.givenClasses ?? this.#registered(drafts, allowSecrets);
    const used = union(uses, classes?.uses);
    const required = union(modules, classes?.modules);
    for (const one of used) checkName(one, this.rules);
    const at = this.#at(hash, source, drafts);
    const captured = data === undefined ? {} : { data: drafts.encoded(encodeValue(data, name)) };
    return {
      ...{ code: hash, at, name, ...captured },
      ...(required.length === 0 ? {} : { modules: required }),
      ...(used.length === 0 ? {} : { uses: used }),
      ...(classes === undefined ? {} : { classes: classes.classes }),
    };
  }

  /** The registered classes, captured when the first function was sent after the latest registration. */
  #registered(drafts: BlobDrafts, allowSecrets: Flags["allowSecrets"]): SentClasses | undefined {
    const count = registrations();
    if (count === 0) return undefined;
    if (this.#ownClasses?.count !== count) {
      const { source, hash, data, modules, uses } = shipClasses(registeredClasses(), allowSecrets);
      const blobs = new BlobDrafts();
      const at = this.#at(hash, source, blobs);
      const captured = data === undefined ? {} : { data: blobs.encoded(encodeValue(data, "registerClass")) };
      this.#ownClasses = { count, blobs, modules, uses, classes: { code: hash, at, ...captured } };
    }
    drafts.addAll(this.#ownClasses.blobs);
    return this.#ownClasses;
  }

  /**
   * Returns a unit that must go with the next message; undefined once a submission with it was accepted, and for a unit
   * stored as a blob.
   */
  unsent(hash: string): CodeUnit | undefined {
    return this.#unsent.get(hash);
  }

  /** Records that a submission with the unit was accepted. */
  sent(hash: string): void {
    this.#unsent.delete(hash);
    this.#unstored.delete(hash);
  }

  /** Returns where engines find the unit. Drafts a unit stored as a blob, until a submission with it was accepted. */
  #at(hash: string, source: string, drafts: BlobDrafts): CodeReference["at"] {
    const at = this.#places.get(hash) ?? this.#place(hash, source);
    const unstored = this.#unstored.get(hash);
    if (unstored) drafts.addAs(hash, unstored);
    return at;
  }

  #place(hash: string, source: string): CodeReference["at"] {
    const bytes = Buffer.from(source);
    const packed = brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    });
    const body = packed.toString("base64");
    const at = body.length > UNIT_ROW_CHARS ? "blob" : "table";
    if (at === "blob") this.#unstored.set(hash, packed);
    else this.#unsent.set(hash, { hash, body });
    this.#places.set(hash, at);
    return at;
  }
}

function union(some: readonly string[], others: readonly string[] = []): string[] {
  return others.length === 0 ? [...some] : [...new Set([...some, ...others])].sort();
}
