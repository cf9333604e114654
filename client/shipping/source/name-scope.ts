import type { Reference } from "./free-names.ts";

/** One scope of a source: the names it declares and the names used in it. */
export class NameScope {
  readonly declared = new Set<string>();
  readonly references: Reference[] = [];
  readonly parent: NameScope | undefined;
  /** The scope in which `var` declares. */
  readonly variables: NameScope;

  constructor(parent: NameScope | undefined, kind: "function" | "block") {
    this.parent = parent;
    this.variables = kind === "function" || !parent ? this : parent.variables;
  }

  /**
   * Passes the names that this scope does not declare to its parent. Call it after the last declaration, so that
   * hoisted names are known.
   */
  close(): void {
    for (const reference of this.references) {
      if (!this.declared.has(reference.name)) this.parent?.references.push(reference);
    }
  }
}
