/** A node of a syntax tree. */
export interface SyntaxNode {
  type: string;
  [field: string]: unknown;
}

export function isSyntaxNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/**
 * Returns all nodes of a syntax tree, outer ones first. It collects them instead of yielding them: through nested
 * generators each node would pass as many times as it is deep.
 */
export function nodesOf(tree: unknown): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    if (isSyntaxNode(value)) found.push(value);
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(tree);
  return found;
}
