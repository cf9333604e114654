import { parse } from "acorn";
import { scriptSource } from "../inspector/script-catalogue.ts";
import type { SyntaxNode } from "../source/free-variables.ts";

/** What an imported name stands for: an export, `default`, or `*` for the whole module. */
export interface ImportedName {
  specifier: string;
  name: string;
}

const tables = new Map<string, Map<string, ImportedName>>();

/**
 * The imports of a loaded script by local name, read from its text: ES imports, `require` as compilers
 * write it, and vite's form.
 */
export function importTable(scriptId: string): ReadonlyMap<string, ImportedName> {
  let table = tables.get(scriptId);
  if (!table) {
    table = readTable(scriptSource(scriptId) ?? "");
    tables.set(scriptId, table);
  }
  return table;
}

function readTable(source: string): Map<string, ImportedName> {
  const table = new Map<string, ImportedName>();
  for (const statement of statements(source)) {
    if (statement.type === "ImportDeclaration") addImport(statement, table);
    if (statement.type === "VariableDeclaration") {
      for (const declarator of statement.declarations as SyntaxNode[]) addRequire(declarator, table);
    }
  }
  return table;
}

function addImport(statement: SyntaxNode, table: Map<string, ImportedName>): void {
  const specifier = String((statement.source as SyntaxNode).value);
  for (const item of statement.specifiers as SyntaxNode[]) {
    const local = String((item.local as SyntaxNode).name);
    const imported = item.imported as SyntaxNode | undefined;
    const name =
      item.type === "ImportNamespaceSpecifier" ? "*" : String(imported?.name ?? imported?.value ?? "default");
    table.set(local, { specifier, name });
  }
}

function addRequire(declarator: SyntaxNode, table: Map<string, ImportedName>): void {
  const specifier = requested(declarator.init as SyntaxNode | null);
  const target = declarator.id as SyntaxNode;
  if (specifier === undefined) return;
  if (target.type === "Identifier") table.set(String(target.name), { specifier, name: "*" });
  if (target.type !== "ObjectPattern") return;
  for (const property of target.properties as SyntaxNode[]) {
    const local = property.value as SyntaxNode | undefined;
    if (property.type === "Property" && !property.computed && local?.type === "Identifier") {
      table.set(String(local.name), { specifier, name: String((property.key as SyntaxNode).name) });
    }
  }
}

const LOADERS = new Set(["require", "__vite_ssr_import__"]);

/** The module that an expression loads, through `await` and wrappers as `__toESM(require("x"))`. */
function requested(expression: SyntaxNode | null): string | undefined {
  if (expression?.type === "AwaitExpression") return requested(expression.argument as SyntaxNode);
  if (expression?.type !== "CallExpression") return undefined;
  const callee = expression.callee as SyntaxNode;
  const [first] = expression.arguments as SyntaxNode[];
  if (LOADERS.has(String(callee.name)) && first?.type === "Literal") return String(first.value);
  return first ? requested(first) : undefined;
}

/** Top-level statements, those within vite's or Node's wrapper function included. */
function statements(source: string): SyntaxNode[] {
  for (const sourceType of ["module", "script"] as const) {
    try {
      const options = {
        ecmaVersion: "latest",
        sourceType,
        allowAwaitOutsideFunction: true,
        allowHashBang: true,
      } as const;
      const body = (parse(source, options) as unknown as SyntaxNode).body as SyntaxNode[];
      return body.flatMap((statement) => [statement, ...wrapped(statement)]);
    } catch {
      // Not of this type; what is neither has no table.
    }
  }
  return [];
}

function wrapped(statement: SyntaxNode): SyntaxNode[] {
  const expression = statement.expression as SyntaxNode | undefined;
  const callee = expression?.callee as SyntaxNode | undefined;
  const fn = [expression, callee].find((node) => node && /Function/.test(node.type));
  const body = fn?.body as SyntaxNode | undefined;
  return body ? unblocked(body) : [];
}

/** The statements of a block, and of blocks in it. */
function unblocked(statement: SyntaxNode): SyntaxNode[] {
  return statement.type === "BlockStatement" ? (statement.body as SyntaxNode[]).flatMap(unblocked) : [statement];
}
