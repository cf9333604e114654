import { parse } from "acorn";
import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { modulesBelow } from "./module-imports.ts";

/** Words that only our source uses, or that are not idiomatic English. */
const OURS = /\b(?:doors?|sweeps?|leases?|units?|hints?|ledger|cells?|verbs?|rosters?|told|anew|whoever)\b/i;

/** Texts that may contain such a word, because their readers know it in this sense. */
const ALLOWED: readonly string[] = [];

/** Returns the texts of the errors that a module creates. */
function textsOfErrors(path: string, source: string): string[] {
  if (!/\bnew\b|\binvariant\b/.test(source)) return [];
  const { code } = transformSync(source, { loader: "ts", format: "esm", target: "esnext" });
  const texts: string[] = [];
  const visit = (node: unknown, isInError: boolean): void => {
    if (Array.isArray(node)) for (const one of node) visit(one, isInError);
    if (typeof node !== "object" || node === null || Array.isArray(node)) return;
    const fields = new Map(Object.entries(node));
    const callee: unknown = fields.get("callee");
    const made = typeof callee === "object" && callee !== null && "name" in callee ? String(callee.name) : "";
    const isNew = fields.get("type") === "NewExpression";
    const isError = isNew ? ERRORS.test(made) : fields.get("type") === "CallExpression" && made === "invariant";
    const value: unknown = fields.get("value");
    if (isInError && fields.get("type") === "Literal" && typeof value === "string") texts.push(`${path}: ${value}`);
    if (isInError && fields.get("type") === "TemplateElement" && typeof value === "object" && value !== null)
      texts.push(`${path}: ${"cooked" in value ? String(value.cooked) : ""}`);
    for (const [name, child] of fields) visit(child, isInError || (isError && name === "arguments"));
  };
  visit(parse(code, { ecmaVersion: "latest", sourceType: "module" }), false);
  return texts;
}

const ERRORS =
  /Error$|^(?:Invalid\w+|No\w+|Not\w+|Unknown\w+|Refused|CommandFailure|ClusterEnded|CodeShippingOff|\w+Timeout|\w*TooLarge|\w+Dependency|BlobLost|BudgetExceeded|TaskAborted)$/;

const saysOurs = (text: string) => OURS.test(text.slice(text.indexOf(": ")));
const ofOurs = (path: string, source: string) => textsOfErrors(path, source).filter(saysOurs);

describe("messages of errors", () => {
  it("error messages contain no word that only our source uses", () => {
    const modules = ["client", "cdk", "lambdas"].flatMap(modulesBelow);
    const texts = modules.flatMap(({ path, text }) => textsOfErrors(path, text));
    expect(texts.length).toBeGreaterThan(150);
    const found = texts.filter(saysOurs);
    expect(found.filter((text) => !ALLOWED.includes(text))).toEqual([]);
    expect(ALLOWED.filter((text) => !found.includes(text))).toEqual([]);
  });

  it("the search finds such a word in a text or a template, anywhere in the call", () => {
    expect(ofOurs("a.ts", 'throw new ClusterError("the door failed", { cause });')).toEqual(["a.ts: the door failed"]);
    expect(ofOurs("a.ts", "throw new InvalidFlag(a, b ? `${c} leases` : d);")).toEqual(["a.ts:  leases"]);
    expect(ofOurs("a.ts", 'invariant(a, "no lease");')).toEqual(["a.ts: no lease"]);
    expect(ofOurs("a.ts", 'new Map([["door", "lease"]]); // the door')).toEqual([]);
  });
});
