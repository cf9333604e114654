import { parseAst } from "vitest/node";
import { nodesOf } from "./syntax-nodes.ts";

interface Node {
  type: string;
  callee?: Node;
  object?: Node;
  property?: Node;
  tag?: Node;
  name?: string;
  arguments?: Node[];
  elements?: (Node | null)[];
  value?: unknown;
  quasis?: { value: { cooked: string } }[];
  id?: Node;
  init?: Node;
  expression?: Node;
}

/** Returns the titles of a module's tests, and the texts that rows of `each` put into titles. */
export function titlesIn(text: string): string[] {
  // Node lists the fields that are used here.
  const nodes = nodesOf(parseAst(text, { lang: "ts" })) as Node[];
  const lists = new Map(
    nodes.flatMap(({ type, id, init }) =>
      type === "VariableDeclarator" && id?.name !== undefined && init ? [[id.name, init] as const] : [],
    ),
  );
  return nodes.flatMap(({ type, callee, arguments: [first] = [] }) => {
    if (type !== "CallExpression" || !callee || !isOfTest(callee)) return [];
    const isTable = callee.property?.name === "each" || callee.property?.name === "for";
    return isTable ? labelsIn(lists.get(first?.name ?? "") ?? first) : textOf(first);
  });
}

/** Whether a function is `test`, `it` or `describe`, or made from one of these. */
function isOfTest({ name, callee, object }: Node): boolean {
  const from = callee ?? object;
  return from ? isOfTest(from) : name === "test" || name === "it" || name === "describe";
}

/** Returns the texts of a table, or the first text of each of its rows. */
function labelsIn(table: Node | undefined): string[] {
  const rows = table?.elements ?? table?.expression?.elements ?? [];
  return rows.flatMap((row) => textOf(row?.elements ? (row.elements[0] ?? undefined) : (row ?? undefined)));
}

/** Returns the text of a string or of a template, without the template's values. */
function textOf(node: Node | undefined): string[] {
  if (node?.quasis) return [node.quasis.map(({ value: { cooked } }) => cooked).join("…")];
  return node?.type === "Literal" && typeof node.value === "string" ? [node.value] : [];
}
