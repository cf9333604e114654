import { parse } from "acorn";
import { transformSync } from "esbuild";
import { describe, expect, it } from "vitest";
import { JOB_STATES } from "../../lambdas/core/job-state.ts";
import { TASK_STATES } from "../../lambdas/core/task-state.ts";
import { ENTRY_STATUSES } from "../../lambdas/protocol/outcome-page.ts";
import { modulesBelow } from "./module-imports.ts";

/**
 * Files that may contain the name of a state as a string: the tables themselves, and strings that are equal but name no
 * state of a job or task.
 */
const HOMES: Record<string, readonly string[]> = {
  "lambdas/core/job-state.ts": Object.keys(JOB_STATES),
  "lambdas/core/task-state.ts": Object.keys(TASK_STATES),
  // `open` here is an engine that accepts new work.
  "lambdas/scheduler/messages/status.ts": ["open"],
  "client/client-events.ts": ["open"],
};

const STATES: ReadonlySet<string> = new Set([...Object.keys(JOB_STATES), ...Object.keys(TASK_STATES)]);
/** Finds a state in quotes. Most modules have none and need not be parsed. */
const QUOTED = new RegExp(`["'\`](?:${[...STATES].join("|")})["'\`]`);
const STATUSES: ReadonlySet<string> = new Set(ENTRY_STATUSES);

type Fields = ReadonlyMap<string, unknown>;

function fieldsOf(node: unknown): Fields {
  return new Map(typeof node === "object" && node !== null ? Object.entries(node) : []);
}

/** Returns the strings that an expression may evaluate to: for `a ? "b" : "c"`, both. */
function textsIn(node: unknown): string[] {
  const fields = fieldsOf(node);
  const value = fields.get("value");
  if (fields.get("type") === "Literal" && typeof value === "string") return [value];
  if (fields.get("type") === "ConditionalExpression")
    return [...textsIn(fields.get("consequent")), ...textsIn(fields.get("alternate"))];
  if (fields.get("type") === "LogicalExpression")
    return [...textsIn(fields.get("left")), ...textsIn(fields.get("right"))];
  if (fields.get("type") === "ArrayExpression") return elements(fields.get("elements")).flatMap(textsIn);
  return [];
}

function elements(list: unknown): unknown[] {
  return Array.isArray(list) ? list : [];
}

/** Returns the name of a variable or property. */
function nameOf(node: unknown): string {
  const fields = fieldsOf(node);
  if (fields.get("type") === "Identifier") return String(fields.get("name"));
  if (fields.get("type") === "MemberExpression") return nameOf(fields.get("property"));
  if (fields.get("type") === "ChainExpression") return nameOf(fields.get("expression"));
  if (fields.get("type") === "LogicalExpression") return nameOf(fields.get("left"));
  return "";
}

/**
 * Returns strings that a module compares with or assigns to something named like a state: `state`, `inState`,
 * `jobState`.
 */
function statesIn(source: string): string[] {
  if (!QUOTED.test(source)) return [];
  const { code } = transformSync(source, { loader: "ts", format: "esm", target: "esnext" });
  const found: string[] = [];
  const isState = (node: unknown) => /^(?:state|\w*States?)$/.test(nameOf(node));
  const pair = (one: unknown, other: unknown) => {
    if (isState(one)) found.push(...textsIn(other));
    if (isState(other)) found.push(...textsIn(one));
  };
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) visit(one);
    if (typeof node !== "object" || node === null || Array.isArray(node)) return;
    const fields = fieldsOf(node);
    switch (fields.get("type")) {
      case "BinaryExpression":
      case "AssignmentExpression":
      case "AssignmentPattern":
      case "LogicalExpression":
        pair(fields.get("left"), fields.get("right"));
        break;
      case "Property":
        pair(fields.get("key"), fields.get("value"));
        break;
      case "VariableDeclarator":
        pair(fields.get("id"), fields.get("init"));
        break;
      case "SwitchStatement":
        for (const one of elements(fields.get("cases"))) pair(fields.get("discriminant"), fieldsOf(one).get("test"));
        break;
      case "CallExpression": {
        const callee = fieldsOf(fields.get("callee"));
        for (const one of elements(fields.get("arguments"))) pair(callee.get("object"), one);
        break;
      }
    }
    for (const child of fields.values()) visit(child);
  };
  visit(parse(code, { ecmaVersion: "latest", sourceType: "module" }));
  return found.filter((text) => STATES.has(text));
}

/** Returns lists of three or more outcome statuses in a module's text, types included. */
function statusLists(source: string): string[] {
  const lists = source.match(/(?:"\w+"\s*[,|]\s*){2,}"\w+"/g) ?? [];
  return lists.filter((list) => (list.match(/\w+/g) ?? []).filter((word) => STATUSES.has(word)).length > 2);
}

const modules = ["lambdas", "client"].flatMap(modulesBelow);

describe("states of jobs and tasks", () => {
  it("states of jobs and tasks are named only in their tables", () => {
    const strays = modules.flatMap(({ path, text }) =>
      statesIn(text)
        .filter((state) => !HOMES[path]?.includes(state))
        .map((state) => `${path} names the state ${state}`),
    );
    expect(strays).toEqual([]);
  });

  it("the search finds a state that is named elsewhere", () => {
    expect(statesIn('if (row.state === "closed" || row?.state !== "ending") f();')).toEqual(["closed", "ending"]);
    expect(statesIn('const state = last ? "open" : "submitting";')).toEqual(["open", "submitting"]);
    expect(statesIn('store.update(key, { state: "closed", only: { inState: ["open"] } });')).toEqual([
      "closed",
      "open",
    ]);
    expect(statesIn('["purging", "purged"].includes(row.state)')).toEqual(["purging", "purged"]);
    expect(statesIn('switch (row.state) { case "open": }')).toEqual(["open"]);
    expect(statesIn('const place = "open"; add({ purged: [] }); if (gate === "open") f();')).toEqual([]);
  });

  it("the ways in which an attempt may end are listed only in the two tables", () => {
    const lists = modules.filter(({ text }) => statusLists(text).length > 0).map(({ path }) => path);
    expect(lists.sort()).toEqual(["lambdas/core/task-state.ts", "lambdas/protocol/outcome-page.ts"]);
    expect(statusLists('status: "aborted" | "timeout" | "lost"')).toHaveLength(1);
  });
});
