import type { FunctionPlace } from "../inspector/session.ts";
import type { FreeName } from "../source/free-names.ts";
import type { FunctionSource } from "../source/function-source.ts";

/** An expression in the unit. `slot` is set where it is a function or object that the unit makes. */
export interface Binding {
  code: string;
  slot?: number;
}

/** Something that the unit makes: a function, a class, or another object. */
export interface Slot {
  index: number;
  /** The expression that gives it. */
  at: string;
  /** What makes it; undefined for an object that is not a function of the user's. */
  source: FunctionSource | undefined;
  /** Its name, given where the source gives none. */
  name: string;
  strict: boolean;
  /** The expression that makes it, where no source does. */
  make: string;
  /** Names that it sees, or members of the namespace. `late` ones are made after it. */
  bindings: { name: string; binding: Binding; late: boolean }[];
  /** Lines that are run when all slots are made: what it has besides what made it. */
  finish: string[];
  /** Lines that close it to changes, which come last. */
  locks: string[];
  /** Replaced pieces of the source. */
  edits: { start: number; end: number; code: string }[];
  /** Where V8 says that it stands; undefined where that is not known. */
  place?: FunctionPlace | undefined;
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
    | "object"
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
  /** Whether registered classes are taken, not named: for the unit that brings them. */
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
  /** Whether it may be an instance of any class: a class's own static field holds it. */
  instances?: boolean;
  /** Whether the name is sure to be read when the function is loaded or called. */
  isSure?: boolean;
  /** As which import the script knows it. */
  local?: { name: string; member?: string };
  usage?: FreeName;
}
