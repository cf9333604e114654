import { type AnyNode, parse } from "acorn";
import { keyText, parsed } from "./syntax.ts";

/** Returns the names of the functions and classes that an ES module exports, by source text. */
export function exportsOf(text: string): Map<string, string> {
  const byText = new Map<string, string>();
  const locals = new Map<string, string>();
  const program = parsed(() => parse(text, { ecmaVersion: "latest", sourceType: "module", allowHashBang: true }));
  const statements = program?.body ?? [];
  for (const statement of statements) {
    if (statement.type === "ExportDefaultDeclaration") {
      const { declaration } = statement;
      if (declaration.type === "Identifier") locals.set(declaration.name, "default");
      else byText.set(text.slice(declaration.start, declaration.end), "default");
    }
    if (statement.type !== "ExportNamedDeclaration" || statement.source) continue;
    for (const { name } of declarations(statement.declaration)) locals.set(name, name);
    for (const { local, exported } of statement.specifiers) locals.set(keyText(local), keyText(exported));
  }
  for (const statement of statements) {
    const inner = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    for (const { name, value } of declarations(inner)) {
      const exported = locals.get(name);
      if (exported !== undefined && value) byText.set(text.slice(value.start, value.end), exported);
    }
  }
  return byText;
}

/** Returns the names that a statement declares, with the function or class that each holds. */
function declarations(statement: AnyNode | null | undefined): { name: string; value: AnyNode | undefined }[] {
  if (statement?.type === "FunctionDeclaration" || statement?.type === "ClassDeclaration")
    return statement.id ? [{ name: statement.id.name, value: statement }] : [];
  if (statement?.type !== "VariableDeclaration") return [];
  return statement.declarations.flatMap(({ id, init }) =>
    id.type === "Identifier" ? [{ name: id.name, value: init ?? undefined }] : [],
  );
}
