import {
  type AnyNode,
  type Expression,
  type ImportDeclaration,
  type ModuleDeclaration,
  type Options,
  parse,
  type Statement,
  type VariableDeclarator,
} from "acorn";
import { keyText, parsed } from "./syntax.ts";

/** The module and export behind an imported name. The export may be `default`, or `*` for the whole module. */
export interface ImportedName {
  specifier: string;
  name: string;
}

/**
 * Reads a script's imports from its text, by local name: ES imports, `require` as compilers write it, and vite's form
 * of import.
 */
export function importsOf(text: string): Map<string, ImportedName> {
  const table = new Map<string, ImportedName>();
  for (const statement of statements(text)) {
    if (statement.type === "ImportDeclaration") addImport(statement, table);
    if (statement.type === "VariableDeclaration")
      for (const declarator of statement.declarations) addRequire(declarator, table);
  }
  return table;
}

function addImport({ source, specifiers }: ImportDeclaration, table: Map<string, ImportedName>): void {
  const specifier = String(source.value);
  for (const item of specifiers) {
    const imported = item.type === "ImportSpecifier" ? keyText(item.imported) : "default";
    table.set(item.local.name, { specifier, name: item.type === "ImportNamespaceSpecifier" ? "*" : imported });
  }
}

function addRequire({ id, init }: VariableDeclarator, table: Map<string, ImportedName>): void {
  const specifier = requested(init ?? undefined);
  if (specifier === undefined) return;
  if (id.type === "Identifier") table.set(id.name, { specifier, name: "*" });
  if (id.type !== "ObjectPattern") return;
  for (const property of id.properties)
    if (property.type === "Property" && !property.computed && property.value.type === "Identifier")
      table.set(property.value.name, { specifier, name: keyText(property.key) });
}

const LOADERS = new Set(["require", "__vite_ssr_import__"]);

/** Returns the module that an expression loads, also through `await` and wrappers such as `__toESM(require("x"))`. */
function requested(expression: AnyNode | undefined): string | undefined {
  if (expression?.type === "AwaitExpression") return requested(expression.argument);
  if (expression?.type !== "CallExpression") return undefined;
  const { callee, arguments: given } = expression;
  const [first] = given;
  const isLoader = callee.type === "Identifier" && LOADERS.has(callee.name);
  if (isLoader && first?.type === "Literal") return String(first.value);
  return requested(first);
}

type TopLevel = Statement | ModuleDeclaration;

/**
 * Returns the top-level statements, including those inside vite's or Node's wrapper function; none if the text is not
 * JavaScript.
 */
function statements(text: string): TopLevel[] {
  const options: Omit<Options, "sourceType"> = {
    ecmaVersion: "latest",
    allowAwaitOutsideFunction: true,
    allowHashBang: true,
  };
  const program =
    parsed(() => parse(text, { ...options, sourceType: "module" })) ??
    parsed(() => parse(text, { ...options, sourceType: "script" }));
  return program?.body.flatMap((statement) => [statement, ...wrapped(statement)]) ?? [];
}

function wrapped(statement: TopLevel): Statement[] {
  if (statement.type !== "ExpressionStatement") return [];
  const { expression } = statement;
  const candidates: (Expression | undefined)[] = [expression];
  if (expression.type === "CallExpression" && expression.callee.type !== "Super") candidates.push(expression.callee);
  const fn = candidates.find((node) => node?.type === "FunctionExpression" || node?.type === "ArrowFunctionExpression");
  return fn && "body" in fn && fn.body.type === "BlockStatement" ? unblocked(fn.body) : [];
}

/** Returns the statements of a block and of nested blocks. */
function unblocked(statement: Statement): Statement[] {
  return statement.type === "BlockStatement" ? statement.body.flatMap(unblocked) : [statement];
}
