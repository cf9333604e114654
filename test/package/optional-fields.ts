import { parseAst } from "vitest/node";

/** An optional field of an exported type, with the comment before the field; empty without one. */
export interface OptionalField {
  type: string;
  name: string;
  comment: string;
}

interface Syntax {
  type: string;
  start: number;
}

/**
 * Returns the optional fields of the types that a module exports. Fields of a nested object count too, unless the field
 * that holds the object is optional itself: its comment then covers them.
 */
export function optionalFields(text: string): OptionalField[] {
  const found: OptionalField[] = [];
  const visit = (node: unknown, type: string): void => {
    if (Array.isArray(node)) for (const one of node) visit(one, type);
    if (!isSyntax(node) || /^TS(?:Method|Function|Mapped)/.test(node.type)) return;
    if (node.type === "TSPropertySignature" && "optional" in node && node.optional === true) {
      found.push({
        type,
        name: nameOf("key" in node ? node.key : undefined),
        comment: commentBefore(text, node.start),
      });
      return;
    }
    for (const child of Object.values(node)) visit(child, type);
  };
  for (const statement of parseAst(text, { lang: "ts" }).body) {
    const declared = statement.type === "ExportNamedDeclaration" ? statement.declaration : undefined;
    if (declared?.type === "TSInterfaceDeclaration" || declared?.type === "TSTypeAliasDeclaration")
      visit(declared.type === "TSInterfaceDeclaration" ? declared.body : declared.typeAnnotation, declared.id.name);
  }
  return found;
}

function isSyntax(node: unknown): node is Syntax {
  return typeof node === "object" && node !== null && "type" in node && typeof node.type === "string";
}

function nameOf(key: unknown): string {
  return typeof key === "object" && key !== null && "name" in key ? String(key.name) : "";
}

function commentBefore(text: string, start: number): string {
  const before = text.slice(0, start).trimEnd();
  return before.endsWith("*/") ? before.slice(before.lastIndexOf("/**")) : "";
}
