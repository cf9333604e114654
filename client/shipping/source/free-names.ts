/** How a piece of source uses a name that it does not declare. */
export interface FreeName {
  /** Whether the name is assigned to. */
  written: boolean;
  /**
   * Whether every call of the function reads the name: some use of it is outside of conditions, loops, `try` and inner
   * functions, and no earlier statement can end the call.
   */
  certain: boolean;
  /** Whether the code contains `typeof name`, and may therefore work although the name is not defined. */
  typeofAsked: boolean;
  /** The members read, as in `name.member`; undefined if the name is used in any other way. */
  members: Set<string> | undefined;
  /** Whether a member is called as a method, with the object as `this`. */
  methodCalls: boolean;
}

/** The surroundings that a piece of source depends on. */
export interface FreeVariables {
  names: Map<string, FreeName>;
  /** Whether an arrow function uses the surrounding `this`. */
  outerThis: boolean;
  /** Whether the source uses the `super` of a surrounding method. */
  outerSuper: boolean;
  /** Whether the source uses `eval(…)` or `with`, which can see every name. */
  dynamicScope: boolean;
  importMeta: boolean;
  /** Calls of `import("literal")`, `require("literal")` and vite's form of import, with their places in the source. */
  requests: ModuleRequest[];
}

/** A call that loads a module when it runs. */
export interface ModuleRequest {
  start: number;
  end: number;
  specifier: string;
  kind: "import" | "require";
}

/** One use of a name. */
export interface Reference {
  name: string;
  use: "read" | "write" | "typeof" | "member" | "method";
  member?: string;
  certain?: boolean;
  /** The module that a call of this name loads, if the name turns out to be free. */
  request?: ModuleRequest;
}

/** Merges the uses of free names by name. Module requests are moved to `requests`. */
export function freeNames(references: readonly Reference[], requests: ModuleRequest[]): Map<string, FreeName> {
  const names = new Map<string, FreeName>();
  for (const { name, use, member, request, certain } of references) {
    if (request) {
      requests.push(request);
      continue;
    }
    let free = names.get(name);
    if (!free) {
      free = { written: false, certain: false, typeofAsked: false, members: new Set(), methodCalls: false };
      names.set(name, free);
    }
    if (use === "typeof") {
      free.typeofAsked = true;
      continue;
    }
    if (certain) free.certain = true;
    if (use === "write") free.written = true;
    if (use === "method") free.methodCalls = true;
    if (member !== undefined) free.members?.add(member);
    else free.members = undefined;
  }
  return names;
}
