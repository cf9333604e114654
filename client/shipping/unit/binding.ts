import type { FunctionLocation } from "../inspector/function-location.ts";
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
  /** The expression that refers to the created function or object. */
  at: string;
  /** Source of the user's function or class; undefined for any other object. */
  source: FunctionSource | undefined;
  /** Name of the function, used if the source gives none. */
  name: string;
  strict: boolean;
  /** The expression that creates the object if there is no source. */
  make: string;
  /** Names visible to the function, or members of the namespace. `late` values are created after the slot. */
  bindings: { name: string; binding: Binding; late: boolean }[];
  /** Lines that restore everything that the source does not create. They run once all slots are created. */
  finish: string[];
  /** Lines that freeze, seal or otherwise lock the object. They run last. */
  locks: string[];
  /** Replacements in the source. */
  edits: { start: number; end: number; code: string }[];
  /** Place of the function according to V8; undefined if unknown. */
  location?: FunctionLocation | undefined;
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
  /** A short description, such as a function's name, a package and its export, or the type of the data. */
  what: string;
  value?: unknown;
}

/** Options of a capture. */
export interface CaptureOptions {
  /**
   * Whether to capture variables. If false, any name that is neither declared in the function nor a global is an error.
   */
  capture: boolean;
  /** Names or paths of captured credentials that may be sent. */
  allowSecrets: readonly string[];
  /** Whether to capture registered classes instead of referring to them by name, for the unit that defines them. */
  ownClasses?: boolean;
}

/** Where a value was found. */
export interface Met {
  path: string;
  /** The variable or field that holds the value. */
  name: string;
  /** The script of the function that uses the value; undefined if unknown. */
  scriptId: string | undefined;
  installed: boolean;
  /** Whether the value may be an instance of any class, because a class's own static field holds it. */
  instances?: boolean;
  /** Whether loading or calling the function is certain to read the name. */
  isSure?: boolean;
  /** The script's name for the value, which may be an import; absent if the script does not name it. */
  local?: { name: string; member?: string };
  usage?: FreeName;
}
