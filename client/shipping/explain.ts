import { registeredClasses } from "../../lambdas/protocol/class-registry.ts";
import { encodeValue } from "../../lambdas/protocol/codec.ts";
import { INSPECT } from "../../lambdas/protocol/inspection.ts";
import { type ShipOptions, shipWithCaptures } from "./ship-function.ts";

/** Names of one kind that fit on the line. */
const SHOWN_NAMES = 5;

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
 * Tells what would be sent if the function were shipped now. Nothing is sent.
 *
 * @throws CaptureError as shipping would
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

/** The explanation in one line, for `console.log`; its fields tell the whole. */
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
  const lists: [what: string, names: readonly string[]][] = [
    ["takes along", captured.map(({ path }) => path)],
    ["packages", packages],
    ["Node modules", requires],
    ["modules", modules],
    ["classes", classes],
  ];
  const some = lists.flatMap(([what, names]) => (names.length > 0 ? [`${what} ${cut(names)}`] : []));
  return `Explanation { ${[`function ${name || "(anonymous)"}`, `source ${sourceBytes} bytes`, `data ${dataBytes} bytes`, ...some].join("; ")} }`;
}

function cut(names: readonly string[]): string {
  const more = names.length - SHOWN_NAMES;
  return `${names.slice(0, SHOWN_NAMES).join(", ")}${more > 0 ? ` and ${more} more` : ""}`.replace(/\s+/g, " ");
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
