import type { Reference } from "./free-names.ts";

/** What one scope of a source declares, and the names that are used in it. */
export class NameScope {
  readonly declared = new Set<string>();
  readonly references: Reference[] = [];
  readonly parent: NameScope | undefined;
  /** Where `var` lands. */
  readonly variables: NameScope;

  constructor(parent: NameScope | undefined, kind: "function" | "block") {
    this.parent = parent;
    this.variables = kind === "function" || !parent ? this : parent.variables;
  }

  /** Hands what it does not declare to its parent. Called once all declarations were seen, so hoisting needs no care. */
  close(): void {
    for (const reference of this.references) {
      if (!this.declared.has(reference.name)) this.parent?.references.push(reference);
    }
  }
}
