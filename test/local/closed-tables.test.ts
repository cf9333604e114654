import { expect, test } from "vitest";
import { ClosedTables } from "../../client/local/dynamodb/closed-tables.ts";
import type { Principal } from "../../client/local/requests/access.ts";
import { Principals } from "../../client/local/requests/principals.ts";
import type { TableSpec } from "../../client/local/stack/deployment.ts";

const TABLES = ["alice.tasks", "alice-engines", "bob.tasks", "bob-engines"].map(
  (name): TableSpec => ({ name, arn: `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`, definition: {} }),
);
const GET = "dynamodb:GetItem";
const mayGet = (whose: string) => [
  { effect: "Allow" as const, actions: [GET], resources: [`arn:aws:dynamodb:*:table/${whose}`] },
];

/** Principals that count their decisions. */
class CountingPrincipals extends Principals {
  questions = 0;
  override decide(...question: Parameters<Principals["decide"]>) {
    this.questions++;
    return super.decide(...question);
  }
}

function aCaller(name: string, whose: string): Principal {
  return { accessKeyId: name, secretAccessKey: "s", label: name, arn: `arn:${name}`, statements: mayGet(whose) };
}

const [alice, root, nobody] = [aCaller("alice", "alice*"), aCaller("root", "*"), aCaller("nobody", "none")];
const about = (name: string) => JSON.stringify({ TableName: name });

test("a request is inspected if it may name a table that is closed to its caller", () => {
  const closed = new ClosedTables(TABLES, new Principals([alice, root, nobody]));
  const isMeant = (body: string, caller = alice, action = GET) => closed.mayBeIn(body, caller, action);
  expect(isMeant(about("alice.tasks"))).toBe(false);
  expect(isMeant(about("bob.tasks"))).toBe(true);
  expect(isMeant(about("bobxtasks"))).toBe(false);
  expect(isMeant('{"RequestItems":{"alice.tasks":[],"bob-engines":[]}}')).toBe(true);
  expect(isMeant('{"TableName":"\\u0062ob.tasks"}')).toBe(true);
  expect(isMeant(about("bob.tasks"), root)).toBe(false);
  expect(isMeant(about("alice.tasks"), alice, "dynamodb:PutItem")).toBe(true);
  expect(isMeant("{}", nobody)).toBe(true);
});

test("closed tables are determined once per caller and action, until permissions change", () => {
  const principals = new CountingPrincipals([alice]);
  const closed = new ClosedTables(TABLES, principals);
  for (let call = 0; call < 10; call++) closed.mayBeIn(about("bob.tasks"), alice, GET);
  expect(principals.questions).toBe(TABLES.length);
  principals.setStatements(alice.arn, mayGet("bob*"));
  expect(closed.mayBeIn(about("bob.tasks"), alice, GET)).toBe(false);
  expect(closed.mayBeIn(about("alice.tasks"), alice, GET)).toBe(true);
});
