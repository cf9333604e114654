import { describe, expect, it } from "vitest";
import { parseAst } from "vitest/node";
import { modulesBelow, type SourceModule } from "./module-imports.ts";
import { isSyntaxNode as isNode, nodesOf } from "./syntax-nodes.ts";

/** Maximum number of fields of a type that says what functions of the scheduler may use. */
const CONTEXT_FIELDS = 7;

/** Maximum number of fields of the first parameter of a function below the messages: a context and one port. */
const PARAMETER_FIELDS = CONTEXT_FIELDS + 1;

/**
 * Number of functions and function types that take the whole cluster: the endpoints, and messages that both place work
 * and keep the sweep's rule on.
 */
const WHOLE = 13;

type Text = Pick<SourceModule, "path" | "text">;

/** The type of a parameter named `cluster`, with the interfaces that it combines. */
interface ClusterParameter {
  path: string;
  types: string[];
}

function nameIn(value: unknown): string | undefined {
  return isNode(value) && typeof value.name === "string" ? value.name : undefined;
}

/** Returns the names of the types in a type reference or an intersection. */
function namedTypes(type: unknown): string[] {
  if (!isNode(type)) return [];
  if (type.type === "TSIntersectionType" && Array.isArray(type.types)) return type.types.flatMap(namedTypes);
  return [nameIn(type.typeName) ?? type.type];
}

/** Returns the fields of each interface, inherited ones included, and of each type that combines interfaces. */
function fieldsByType(modules: readonly Text[]): Map<string, Set<string>> {
  const own = new Map<string, { fields: string[]; parents: string[] }>();
  for (const { text } of modules)
    for (const node of nodesOf(parseAst(text, { lang: "ts" }))) {
      const alias = node.type === "TSTypeAliasDeclaration" ? nameIn(node.id) : undefined;
      if (alias !== undefined) own.set(alias, { fields: [], parents: namedTypes(node.typeAnnotation) });
      const name = node.type === "TSInterfaceDeclaration" ? nameIn(node.id) : undefined;
      if (name === undefined || !isNode(node.body) || !Array.isArray(node.body.body)) continue;
      const fields = node.body.body.flatMap((member) => (isNode(member) ? (nameIn(member.key) ?? []) : []));
      const parents = Array.isArray(node.extends) ? node.extends : [];
      own.set(name, { fields, parents: parents.flatMap((one) => (isNode(one) ? (nameIn(one.expression) ?? []) : [])) });
    }
  const all = (name: string): string[] => {
    const { fields = [], parents = [] } = own.get(name) ?? {};
    return [...fields, ...parents.flatMap(all)];
  };
  return new Map([...own.keys()].map((name) => [name, new Set(all(name))]));
}

/** Returns the parameters named `cluster` of the functions and constructors in a module. */
function clusterParameters({ path, text }: Text): ClusterParameter[] {
  return nodesOf(parseAst(text, { lang: "ts" }))
    .flatMap(({ params }): unknown[] => (Array.isArray(params) ? params : []))
    .filter((one) => nameIn(one) === "cluster")
    .map((one) => {
      const annotation = isNode(one) ? one.typeAnnotation : undefined;
      return { path, types: namedTypes(isNode(annotation) ? annotation.typeAnnotation : undefined) };
    });
}

function countFields(types: readonly string[], fields: ReadonlyMap<string, ReadonlySet<string>>): number {
  return new Set(types.flatMap((type) => [...(fields.get(type) ?? [])])).size;
}

describe("contexts of the scheduler's functions", () => {
  const modules = modulesBelow("lambdas/scheduler");
  const fields = fieldsByType(modules);
  const parameters = modules.flatMap(clusterParameters);
  const isBelow = ({ path }: { path: string }) => /\/(?:ports|memory|rows|waiting|placing|\w+-steps)\//.test(path);

  it("no function below the messages takes the whole cluster", () => {
    expect(fields.get("Cluster")?.size).toBe(9);
    expect(parameters.length).toBeGreaterThan(180);
    expect(
      modules
        .filter(isBelow)
        .filter(({ text }) => /\b(?:Cluster|SchedulerPorts|SchedulerMemory)\b/.test(text))
        .map(({ path }) => path),
    ).toEqual(["lambdas/scheduler/memory/scheduler-memory.ts", "lambdas/scheduler/ports/scheduler-ports.ts"]);
  });

  it(`only ${WHOLE} functions take the whole cluster at all`, () => {
    expect(parameters.filter(({ types }) => types.includes("Cluster"))).toHaveLength(WHOLE);
  });

  it(`no context has more than ${CONTEXT_FIELDS} fields`, () => {
    const contexts = [...fields].filter(([name]) => /(?:Access|Reads|Rows|Context)$/.test(name));
    expect(contexts.length).toBeGreaterThan(10);
    expect(contexts.filter(([, own]) => own.size > CONTEXT_FIELDS).map(([name]) => name)).toEqual([]);
  });

  it(`no function below the messages takes more than ${PARAMETER_FIELDS} fields of the cluster`, () => {
    const wide = parameters.filter(isBelow).filter(({ types }) => countFields(types, fields) > PARAMETER_FIELDS);
    expect(wide).toEqual([]);
    const unknown = parameters.filter(({ types }) => types.some((type) => !fields.has(type)));
    expect(unknown).toEqual([]);
  });

  it("the search finds a parameter with its own and its inherited fields", () => {
    const text = `interface A { a: string; b(): void } interface B extends A { c: 1 } type E = B & C;
      async function f(cluster: B & C, x: A) {} class D { constructor(cluster: A) {} }`;
    const found = fieldsByType([
      { path: "a.ts", text },
      { path: "b.ts", text: "export interface C { a: 1; d: 2 }" },
    ]);
    const [first, second] = clusterParameters({ path: "a.ts", text });
    expect(first?.types).toEqual(["B", "C"]);
    expect(countFields(first?.types ?? [], found)).toBe(4);
    expect(second?.types).toEqual(["A"]);
    expect(found.get("E")?.size).toBe(4);
    expect(clusterParameters({ path: "a.ts", text: "const f = (cluster: Pick<A, 'a'>[]) => 1;" })).toEqual([
      { path: "a.ts", types: ["TSArrayType"] },
    ]);
  });
});
