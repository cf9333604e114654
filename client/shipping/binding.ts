import type { FreeName } from "./free-variables.ts";
import type { FunctionSource } from "./function-source.ts";

/** An expression in the unit. `slot` is set where it is a function or object that the unit makes. */
export interface Binding {
  code: string;
  slot?: number;
}

/** A function, class or namespace of the unit, in the order in which they can be made. */
export interface Slot {
  index: number;
  /** What makes it; undefined for a namespace, which is made of its members. */
  source: FunctionSource | undefined;
  /** Its name, given where the source gives none. */
  name: string;
  strict: boolean;
  /** Names that it sees, or members of the namespace. `late` ones are made after it. */
  bindings: { name: string; binding: Binding; late: boolean }[];
  /** Own properties, set when all slots are made: `.k`, `.prototype.m`. */
  properties: { accessor: string; binding: Binding }[];
  /** Replaced pieces of the source. */
  edits: { start: number; end: number; code: string }[];
  /** A parent that no `extends` tells (constructor functions). */
  parent: Binding | undefined;
}

/** What is asked before a task runs. */
export interface CheckBinding {
  predicate: Binding;
  args: Binding[];
}

/** One thing that a function takes along, for `explain`. */
export interface Captured {
  path: string;
  kind:
    | "function"
    | "class"
    | "data"
    | "symbol"
    | "global"
    | "builtin"
    | "module"
    | "package"
    | "fantail"
    | "deployed"
    | "namespace";
  /** What it is, in short: the package, the module's member, the type of the data. */
  what: string;
  value?: unknown;
}

export interface CaptureOptions {
  /** False: nothing is captured, any name that is not a global is an error. */
  capture: boolean;
  /** Names or paths of captured credentials that may be sent. */
  allowSecrets: readonly string[];
  /** Claims that registered classes are taken, not named: for the unit that brings them. */
  ownClasses?: boolean;
}

/** Where a value was met. */
export interface Met {
  path: string;
  /** The variable or field that holds it. */
  name: string;
  /** The script of the function that uses it. */
  scriptId: string | undefined;
  installed: boolean;
  /** As which import the script knows it. */
  local?: { name: string; member?: string };
  usage?: FreeName;
}
