import type { FunctionPlace } from "../inspector/place.ts";
import type { FreeName } from "../source/free-names.ts";
import type { FunctionSource } from "../source/function-source.ts";

/** An expression in the unit. `slot` is set for a function or object that the unit creates. */
export interface Binding {
  code: string;
  slot?: number;
}

/** Something that the unit creates: a function, a class, or another object. */
export interface Slot {
  index: number;
  /** The expression that refers to it. */
  at: string;
  /** Its source; undefined for an object that is not a user's function. */
  source: FunctionSource | undefined;
  /** Its name, used if the source gives none. */
  name: string;
  strict: boolean;
  /** The expression that creates it if there is no source. */
  make: string;
  /** Names visible to it, or members of the namespace. `late` values are created after it. */
  bindings: { name: string; binding: Binding; late: boolean }[];
  /** Lines that restore everything that its source does not create. They run once all slots are created. */
  finish: string[];
  /** Lines that freeze, seal or lock it, which run last. */
  locks: string[];
  /** Replacements in the source. */
  edits: { start: number; end: number; code: string }[];
  /** Its place according to V8; undefined if unknown. */
  place?: FunctionPlace | undefined;
}

/** A predicate to evaluate before a task runs. */
export interface CheckBinding {
  predicate: Binding;
  args: Binding[];
}

/** One captured value, for `explain`. */
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
  /** A short description: the package, the module's member, or the type of the data. */
  what: string;
  value?: unknown;
}

/** Options of a capture. */
export interface CaptureOptions {
  /** Whether to capture. If false, any name that is not a global is an error. */
  capture: boolean;
  /** Names or paths of captured credentials that may be sent. */
  allowSecrets: readonly string[];
  /** Whether to capture registered classes instead of referring to them by name, for the unit that defines them. */
  ownClasses?: boolean;
}

/** Where a value was found. */
export interface Met {
  path: string;
  /** The variable or field that holds it. */
  name: string;
  /** The script of the function that uses it. */
  scriptId: string | undefined;
  installed: boolean;
  /** Whether it may be an instance of any class, because a class's own static field holds it. */
  instances?: boolean;
  /** Whether loading or calling the function is certain to read the name. */
  isSure?: boolean;
  /** The import by which the script knows it. */
  local?: { name: string; member?: string };
  usage?: FreeName;
}
