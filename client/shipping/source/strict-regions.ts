import { type AnyNode, type Options, parse } from "acorn";
import { hasStrictDirective } from "./mode-dependence.ts";
import { childrenOf, parsed } from "./syntax.ts";

/** The parts of a script's text in strict mode: all of it, or these ranges. */
export type StrictRegions = "all" | readonly { start: number; end: number }[];

/** Finds the parts of a text in strict mode; undefined if the text is not JavaScript. */
export function strictRegions(text: string): StrictRegions | undefined {
  const options: Omit<Options, "sourceType"> = { ecmaVersion: "latest", allowHashBang: true };
  const script = parsed(() => parse(text, { ...options, sourceType: "script", allowReturnOutsideFunction: true }));
  if (!script) return parsed(() => parse(text, { ...options, sourceType: "module" })) && "all";
  const isStrict = script.body.some((one) => one.type === "ExpressionStatement" && one.directive === "use strict");
  if (isStrict) return "all";
  const regions: { start: number; end: number }[] = [];
  addRegions(script, regions);
  return regions;
}

function addRegions(node: AnyNode, regions: { start: number; end: number }[]): void {
  const isClass = node.type === "ClassDeclaration" || node.type === "ClassExpression";
  const isFunction =
    node.type === "FunctionDeclaration" ||
    node.type === "FunctionExpression" ||
    node.type === "ArrowFunctionExpression";
  if (isClass || (isFunction && hasStrictDirective(node))) regions.push({ start: node.start, end: node.end });
  else for (const child of childrenOf(node)) addRegions(child, regions);
}

/** Whether strict mode holds at an offset of the text. */
export function isStrictAt(regions: StrictRegions, offset: number): boolean {
  return regions === "all" || regions.some(({ start, end }) => start <= offset && offset < end);
}
