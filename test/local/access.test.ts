import { expect, test } from "vitest";
import { decideAccess, parseStatement } from "../../client/local/requests/access.ts";
import { Principals } from "../../client/local/requests/principals.ts";

const TASKS = "arn:aws:dynamodb:us-east-1:000000000000:table/Tasks";
const allow = (Action: unknown, Resource: unknown) => parseStatement({ Effect: "Allow", Action, Resource });

test("a call that no statement allows is refused", () => {
  const statements = [allow("dynamodb:GetItem", TASKS)];
  expect(decideAccess(statements, "dynamodb:GetItem", TASKS)).toBe("allowed");
  expect(decideAccess(statements, "dynamodb:PutItem", TASKS)).toBe("ungranted");
  expect(decideAccess(statements, "dynamodb:GetItem", `${TASKS}2`)).toBe("ungranted");
  expect(decideAccess([], "dynamodb:GetItem", TASKS)).toBe("ungranted");
});

test("wildcards stand for any text in actions and resources, and actions for any case", () => {
  const statements = [allow(["s3:Get*", "s3:PUT?bject"], "arn:aws:s3:::blobs/a.b/*")];
  expect(decideAccess(statements, "s3:GetObject", "arn:aws:s3:::blobs/a.b/c/d")).toBe("allowed");
  expect(decideAccess(statements, "s3:PutObject", "arn:aws:s3:::blobs/a.b/")).toBe("allowed");
  expect(decideAccess(statements, "s3:DeleteObject", "arn:aws:s3:::blobs/a.b/c")).toBe("ungranted");
  expect(decideAccess(statements, "s3:GetObject", "arn:aws:s3:::blobs/aXb/c")).toBe("ungranted");
});

test("a deny wins over an allow, in either order", () => {
  const deny = parseStatement({ Effect: "Deny", Action: "dynamodb:*", Resource: TASKS });
  const all = allow("*", "*");
  expect(decideAccess([deny, all], "dynamodb:PutItem", TASKS)).toBe("denied");
  expect(decideAccess([all, deny], "dynamodb:PutItem", TASKS)).toBe("denied");
  expect(decideAccess([all, deny], "s3:PutObject", TASKS)).toBe("allowed");
});

test("NotAction and NotResource cover everything else", () => {
  const statement = parseStatement({ Effect: "Allow", NotAction: "iam:*", NotResource: [TASKS] });
  expect(decideAccess([statement], "s3:GetObject", "arn:aws:s3:::b")).toBe("allowed");
  expect(decideAccess([statement], "iam:CreateUser", "arn:aws:s3:::b")).toBe("ungranted");
  expect(decideAccess([statement], "s3:GetObject", TASKS)).toBe("ungranted");
});

test("a condition that cannot be evaluated here is refused, not ignored", () => {
  const conditional = {
    Effect: "Allow",
    Action: "s3:*",
    Resource: "*",
    Condition: { Bool: { "aws:SecureTransport": "true" } },
  };
  expect(() => parseStatement(conditional)).toThrow(/cannot evaluate the policy statement .*, because of Condition/);
});

test("a condition on the header of a conditional write holds by value, or by presence", () => {
  const creates = (Condition: unknown) => [
    parseStatement({ Effect: "Allow", Action: "s3:PutObject", Resource: "*", Condition }),
  ];
  const decide = (condition: unknown, header?: string) =>
    decideAccess(creates(condition), "s3:PutObject", "arn:aws:s3:::b/k", { "s3:if-none-match": header });
  for (const condition of [{ StringEquals: { "s3:if-none-match": "*" } }, { Null: { "s3:If-None-Match": "false" } }]) {
    expect(decide(condition, "*")).toBe("allowed");
    expect(decide(condition)).toBe("ungranted");
  }
  expect(decide({ StringEquals: { "s3:if-none-match": "*" } }, "an etag")).toBe("ungranted");
  expect(decide({ Null: { "s3:if-none-match": "true" } }, "*")).toBe("ungranted");
  const deny = parseStatement({
    Effect: "Deny",
    Action: "s3:*",
    Resource: "*",
    Condition: { Null: { "s3:if-none-match": "true" } },
  });
  expect(decideAccess([allow("*", "*"), deny], "s3:PutObject", TASKS)).toBe("denied");
  expect(decideAccess([allow("*", "*"), deny], "s3:PutObject", TASKS, { "s3:if-none-match": "*" })).toBe("allowed");
});

test("a caller is identified by the access key of the signature, and by nothing else", () => {
  const engine = { accessKeyId: "KEY", secretAccessKey: "s", label: "engine", arn: "arn", statements: [] };
  const principals = new Principals([engine]);
  const signed = (key: string) =>
    `AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/lambda/aws4_request, Signature=0`;
  expect(principals.signer(signed("KEY"))).toBe(engine);
  expect(principals.signer(signed("OTHER"))).toBeUndefined();
  expect(principals.signer("KEY")).toBeUndefined();
  expect(principals.signer(undefined)).toBeUndefined();
});

test("brackets in patterns match themselves", () => {
  const statements = [allow("s3:GetObject", "arn:aws:s3:::blobs/[ab]?*")];
  expect(decideAccess(statements, "s3:GetObject", "arn:aws:s3:::blobs/[ab]c")).toBe("allowed");
  expect(decideAccess(statements, "s3:GetObject", "arn:aws:s3:::blobs/ac")).toBe("ungranted");
});

test("patterns with many wildcards take no longer than the text is long", () => {
  const statements = [allow("s3:GetObject", `arn:aws:s3:::blobs/${"*a".repeat(50)}b`)];
  const begun = performance.now();
  expect(decideAccess(statements, "s3:GetObject", `arn:aws:s3:::blobs/${"a".repeat(5_000)}`)).toBe("ungranted");
  expect(performance.now() - begun).toBeLessThan(1_000);
});
