import { parseAst } from "vitest/node";

/** Returns the lines of a module that contain casts, with line numbers. A line with two casts is listed twice. */
export function castsIn(text: string): string[] {
  const lines = text.split("\n");
  return castStarts(parseAst(text, { lang: "ts" }))
    .sort((a, b) => a - b)
    .map((end) => {
      const line = text.slice(0, end).split("\n").length;
      return `${line}: ${(lines[line - 1] ?? "").trim()}`;
    });
}

/** The positions where the type of each cast starts. `as const` is none. */
function castStarts(node: unknown): number[] {
  if (typeof node !== "object" || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(castStarts);
  const inner = Object.values(node).flatMap(castStarts);
  if (!("type" in node) || (node.type !== "TSAsExpression" && node.type !== "TSTypeAssertion")) return inner;
  const { typeAnnotation } = node as { typeAnnotation?: TypeNode };
  const isConst = typeAnnotation?.type === "TSTypeReference" && typeAnnotation.typeName?.name === "const";
  return isConst || typeAnnotation === undefined ? inner : [...inner, typeAnnotation.start];
}

interface TypeNode {
  type: string;
  start: number;
  typeName?: { name?: string };
}
