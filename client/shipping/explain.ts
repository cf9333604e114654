import { registeredClasses } from "../../lambdas/protocol/class-registry.ts";
import { encodeValue } from "../../lambdas/protocol/codec.ts";
import { INSPECT } from "../../lambdas/protocol/inspection.ts";
import { shipWithCaptures } from "./ship-function.ts";
import type { ShipOptions } from "./ship-options.ts";

/** Maximum number of names of one kind in the printed line. */
const SHOWN_NAMES = 5;

/** Describes what would be sent with a function. */
export interface Explanation {
  name: string;
  /** Hex SHA-256 of the code unit. */
  hash: string;
  /** The code unit's text. */
  source: string;
  /** Length of `source` in bytes, before compression. */
  sourceBytes: number;
  /** Length of the encoded captured values, in bytes. */
  dataBytes: number;
  /** `name@version` of the npm packages inside the unit. */
  packages: readonly string[];
  /** Node's built-in modules that the function uses. */
  requires: readonly string[];
  /** Modules that must load on the engine, named by `requires(…)`. They are not sent. */
  modules: readonly string[];
  /** Registered classes. They are sent with every function, in a separate unit. */
  classes: readonly string[];
  /** Everything that the function captures, each with its path, such as `fn → helper → limit`. */
  captured: readonly { path: string; kind: string; what: string; bytes?: number }[];
}

/**
 * Reports what would be sent if the function were submitted now. Sends nothing.
 *
 * @throws CaptureError as submitting would
 * @example
 * console.log(explain(work)); // its source's size, captured values, packages and modules
 */
export function explain(fn: unknown, options: ShipOptions = {}): Explanation {
  const { shipped, captured } = shipWithCaptures(fn, options);
  const { name, hash, source, packages, requires, modules, data } = shipped;
  const explanation: Explanation = {
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
  return Object.defineProperty(explanation, INSPECT, { value: () => inspected(explanation) });
}

/** Formats the explanation as one line for `console.log`. Shortens long lists; the fields hold everything. */
function inspected({
  name,
  sourceBytes,
  dataBytes,
  packages,
  requires,
  modules,
  classes,
  captured,
}: Explanation): string {
  const lists: [label: string, names: readonly string[]][] = [
    ["captures", captured.map(({ path }) => path)],
    ["packages", packages],
    ["Node modules", requires],
    ["modules", modules],
    ["classes", classes],
  ];
  const some = lists.flatMap(([label, names]) => (names.length > 0 ? [`${label} ${cut(names)}`] : []));
  return `Explanation { ${[`function ${name || "(anonymous)"}`, `source ${sourceBytes} bytes`, `data ${dataBytes} bytes`, ...some].join("; ")} }`;
}

function cut(names: readonly string[]): string {
  const more = names.length - SHOWN_NAMES;
  return `${names.slice(0, SHOWN_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`.replace(/\s+/g, " ");
}

/** The encoded size of a value; 0 if it cannot be encoded, for example because it contains functions. */
function encodedBytes(value: unknown): number {
  try {
    const encoded = encodeValue(value, "captured");
    return typeof encoded === "string" ? Buffer.byteLength(encoded) : encoded.byteLength;
  } catch {
    return 0;
  }
}
