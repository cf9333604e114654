import { parseAst } from "vitest/node";
import { nodesOf } from "./syntax-nodes.ts";

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
function castStarts(tree: unknown): number[] {
  return nodesOf(tree)
    .filter(({ type }) => type === "TSAsExpression" || type === "TSTypeAssertion")
    .flatMap((node) => {
      const { typeAnnotation } = node as { typeAnnotation?: TypeNode };
      const isConst = typeAnnotation?.type === "TSTypeReference" && typeAnnotation.typeName?.name === "const";
      return isConst || typeAnnotation === undefined ? [] : [typeAnnotation.start];
    });
}

interface TypeNode {
  type: string;
  start: number;
  typeName?: { name?: string };
}
