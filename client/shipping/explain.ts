import { registeredClasses } from "../../lambdas/protocol/class-registry.ts";
import { encodeValue } from "../../lambdas/protocol/codec.ts";
import { type ShipOptions, shipWithCaptures } from "./ship-function.ts";

/** What shipping a function would send. */
export interface Explanation {
  name: string;
  /** Hex SHA-256 of the code unit. */
  hash: string;
  /** The code unit's text. */
  source: string;
  /** Its length in bytes, before compression. */
  sourceBytes: number;
  /** Length of the encoded captured values. */
  dataBytes: number;
  /** `name@version` of the npm packages inside the unit. */
  packages: readonly string[];
  /** Modules of Node's own that it uses. */
  requires: readonly string[];
  /** Modules that must load on the engine, as named by `requires(…)`; they are not sent. */
  modules: readonly string[];
  /** Registered classes, which go with every function, in a unit of their own. */
  classes: readonly string[];
  /** Everything the function takes along, each with its path, as in `fn → helper → limit`. */
  captured: readonly { path: string; kind: string; what: string; bytes?: number }[];
}

/**
 * Tells what would be sent if the function were shipped now; nothing is sent.
 *
 * @throws CaptureError as shipping would
 */
export function explain(fn: unknown, options: ShipOptions = {}): Explanation {
  const { shipped, captured } = shipWithCaptures(fn, options);
  const { name, hash, source, packages, requires, modules, data } = shipped;
  return {
    name,
    hash,
    source,
    sourceBytes: Buffer.byteLength(source),
    dataBytes: data === undefined ? 0 : encodedBytes(data),
    packages,
    requires,
    modules,
    classes: registeredClasses().map((registered) => registered.name),
    captured: captured.map(({ path, kind, what, value }) => ({
      path,
      kind,
      what,
      ...(kind === "data" ? { bytes: encodedBytes(value) } : {}),
    })),
  };
}

/** Zero for what holds functions: they are counted by themselves. */
function encodedBytes(value: unknown): number {
  try {
    const encoded = encodeValue(value, "captured");
    return typeof encoded === "string" ? Buffer.byteLength(encoded) : encoded.byteLength;
  } catch {
    return 0;
  }
}
