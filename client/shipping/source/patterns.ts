import type { AnyNode } from "acorn";

/**
 * The targets right inside a pattern: names, members, or patterns in turn.
 *
 * @param read what is called for defaults and computed keys, and for what is no pattern
 */
export function targetsOf(pattern: AnyNode, read: (node: AnyNode) => void): readonly (AnyNode | null)[] {
  switch (pattern.type) {
    case "ObjectPattern":
      return pattern.properties.map((property) => {
        if (property.type === "RestElement") return property.argument;
        if (property.computed) read(property.key);
        return property.value;
      });
    case "ArrayPattern":
      return pattern.elements;
    case "RestElement":
      return [pattern.argument];
    case "AssignmentPattern":
      read(pattern.right);
      return [pattern.left];
    default:
      read(pattern);
      return [];
  }
}
