import { types } from "node:util";
import { classOf } from "../../../lambdas/protocol/class-registry.ts";
import { CaptureError } from "../../../lambdas/protocol/errors.ts";
import { isOfClass } from "../../../lambdas/protocol/value-kind.ts";
import { heldIndexes } from "./array-fields.ts";
import { objectShape } from "./object-shape.ts";
import { type Lock, lockOf } from "./own-changes.ts";
import { refuseSecret, secretSign } from "./refuse-secrets.ts";
import { isPlain, member } from "./value-shape.ts";
import { whyNotData } from "./why-not-data.ts";

/** The parts of a capture that the walk uses. */
export interface DataHost {
  /**
   * Captures a function, class, symbol or other value that is code on the engine. Returns false for any other value.
   */
  takeCode(value: unknown, path: string): boolean;
  /** Whether the values may contain instances of registered classes. */
  readonly takesInstances: boolean;
  /** Secrets that the user allows, by the name of their variable or field, or by path. */
  readonly allowSecrets: readonly string[];
  /** Records a locked object among the data. */
  noteLock(value: object, lock: Lock): void;
}

/**
 * Walks a captured value before it is encoded: captures functions in it, and refuses secrets and values that cannot be
 * sent.
 */
export class DataWalk {
  readonly #host: DataHost;
  readonly #seen = new Set<unknown>();

  constructor(host: DataHost) {
    this.#host = host;
  }

  /**
   * Walks a value.
   *
   * @param name the variable or field that holds the value, to recognize secrets; empty in lists
   * @throws CaptureError that names the path of the value that cannot be sent
   */
  visit(value: unknown, name: string, path: string): void {
    switch (typeof value) {
      case "string":
        this.#refuseSecret(value, name, path);
        return;
      case "function":
      case "symbol":
        if (!this.#host.takeCode(value, path)) throw new CaptureError(path, whyNotData(value));
        return;
      case "object":
        if (value !== null && !this.#seen.has(value)) this.#visitObject(value, name, path);
    }
  }

  /** Whether the value is among the data. */
  has(value: unknown): boolean {
    return this.#seen.has(value);
  }

  #visitObject(value: object, name: string, path: string): void {
    if (objectShape(value) && this.#host.takeCode(value, path)) return;
    this.#seen.add(value);
    const lock = lockOf(value);
    if (lock) this.#host.noteLock(value, lock);
    const registered = classOf(value);
    if (registered && !this.#host.takesInstances)
      throw new CaptureError(
        path,
        `is an instance of ${registered.name}, captured by a registered class, and engines load the registered classes before they can restore an instance: create it inside the method that uses it`,
      );
    if (registered?.serialize) this.visit(registered.serialize(value), name, path);
    else if (registered && !types.isNativeError(value)) this.#visitFields(value, path);
    else if (isPlain(value)) this.#visitFields(value, path);
    else if (types.isNativeError(value)) {
      this.visit(value.cause, "cause", `${path}.cause`);
      this.#visitFields(value, path);
    } else if (Buffer.isBuffer(value)) this.#refuseSecret(value.toString("latin1", 0, 4_096), name, path);
    else if (isDataClass(value)) this.#visitItems(value, path);
    else if (!this.#host.takeCode(value, path)) throw new CaptureError(path, whyNotData(value));
  }

  #visitItems(value: object, path: string): void {
    if (Array.isArray(value)) {
      for (const at of heldIndexes(value)) {
        const item: unknown = value[at];
        // Most items of long lists are numbers, or strings that do not look like secrets: skip building paths for them.
        if (typeof item === "number" || (typeof item === "string" && !secretSign("", item))) continue;
        this.visit(item, "", `${path}[${at}]`);
      }
    } else if (types.isMap(value)) {
      for (const [key, item] of value) {
        const shown = typeof key === "string" ? JSON.stringify(key) : "…";
        this.visit(key, "", `${path}.keys()`);
        this.visit(item, typeof key === "string" ? key : "", `${path}.get(${shown})`);
      }
    } else if (types.isSet(value)) {
      for (const item of value) this.visit(item, "", `${path}.values()`);
    }
  }

  #visitFields(value: object, path: string): void {
    if (Object.getOwnPropertySymbols(value).length > 0 && !this.#host.takeCode(value, path)) {
      throw new CaptureError(path, "has symbol keys: use strings");
    }
    for (const key of Object.keys(value)) {
      this.visit(Reflect.get(value, key), key, path + member(key));
    }
  }

  #refuseSecret(text: string, name: string, path: string): void {
    refuseSecret({ text, name, path }, this.#host.allowSecrets);
  }
}

/** Whether the codec accepts the object: its class is a built-in class for data, and not a subclass of one. */
function isDataClass(value: object): boolean {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return (DATA_CLASSES.has(tag) || ArrayBuffer.isView(value) || types.isBoxedPrimitive(value)) && isOfClass(value, tag);
}

const DATA_CLASSES = new Set("Array Map Set Date RegExp ArrayBuffer URL URLSearchParams DOMException".split(" "));
