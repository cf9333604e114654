/** How a piece of source uses a name that it does not declare. */
export interface FreeName {
  /** Whether it is assigned to. */
  written: boolean;
  /** Whether a call of the function is sure to read it: no condition, loop, `try` or inner function stands around, and nothing returns before. */
  certain: boolean;
  /** Whether `typeof name` is asked somewhere, so that the code may be ready for its absence. */
  typeofAsked: boolean;
  /** Members read, as in `name.member`, where that is all that is done with it; undefined otherwise. */
  members: Set<string> | undefined;
  /** Whether a member is called as a method, so that `this` is the object. */
  methodCalls: boolean;
}

/** What a piece of source takes from its surroundings. */
export interface FreeVariables {
  names: Map<string, FreeName>;
  /** `this` of the surroundings, by an arrow function. */
  outerThis: boolean;
  /** `super` of a method outside its class. */
  outerSuper: boolean;
  /** `eval(…)` or `with`, which see every name. */
  dynamicScope: boolean;
  importMeta: boolean;
  /** `import("literal")`, `require("literal")` and vite's form of the first, by their place in the source. */
  requests: ModuleRequest[];
}

/** A place in a source that asks for a module when it runs. */
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
  /** A call by this name that asks for a module, if the name turns out to be free. */
  request?: ModuleRequest;
}

/** Puts all uses of free names together, name by name; those that ask for modules go to `requests`. */
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
