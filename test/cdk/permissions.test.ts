import { type App, Stack } from "aws-cdk-lib";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { describe, expect, it } from "vitest";
import { parseStatement } from "../../client/local/requests/access.ts";
import { cellsOf, clientStatements } from "../../client/local/stack/cells.ts";
import { resolveIntrinsics } from "../../client/local/stack/intrinsics.ts";
import { readDeployment } from "../../client/local/stack/read-deployment.ts";
import { referencesOf } from "../../client/local/stack/resource-names.ts";
import { readTemplate } from "../../client/local/stack/template.ts";
import { aStack, type TemplateResource, templateOf } from "./a-stack.ts";

type Statement = { Effect: string; Action: string | string[]; Resource: unknown };

/** Returns the statements in the policies of the role with this logical id, with actions as a list. */
function statementsOf(resources: Record<string, TemplateResource>, role: string): Statement[] {
  return Object.values(resources)
    .filter(({ Type, Properties }) => {
      const roles = Properties.Roles as { Ref: string }[] | undefined;
      return Type === "AWS::IAM::Policy" && roles?.some(({ Ref }) => Ref === role);
    })
    .flatMap(({ Properties }) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement)
    .map((statement) => ({ ...statement, Action: [statement.Action].flat() }));
}

describe("permissions of a cluster", () => {
  const stack = aStack({
    engines: [
      { name: "a", count: 1 },
      { name: "b", count: 1 },
    ],
  });
  const user = new Role(stack, "ClientRole", { assumedBy: new ServicePrincipal("ec2.amazonaws.com") });
  stack.fantail.grantClient(user);
  const { resources, outputId, only } = templateOf(stack);
  const arn = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
  const arnOfOutput = (output: string) => arn(outputId(output));
  const named = (type: string, prefix: string) => only(type, (_, id) => id.startsWith(`Fantail${prefix}`));
  const functionArn = (prefix: string) => arn(named("AWS::Lambda::Function", prefix));
  const log = (prefix: string) => ({
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: arn(named("AWS::Logs::LogGroup", prefix)),
  });
  const blobs = {
    Effect: "Allow",
    Action: ["s3:GetObject", "s3:PutObject"],
    Resource: { "Fn::Join": ["", [arnOfOutput("BlobBucket"), "/blobs/*"]] },
  };
  const statements = (prefix: string) => statementsOf(resources, named("AWS::IAM::Role", prefix));

  it.each([
    ["Scheduler", ["events:EnableRule", "events:DisableRule"]],
    ["Report", ["events:EnableRule"]],
  ])(
    "%s may make the store's calls on each table, call the engines, switch the sweeps' rule and write its log",
    (name, switches) => {
      expect(statements(name)).toEqual([
        log(name),
        {
          Effect: "Allow",
          Action: [
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
          ],
          Resource: arnOfOutput("TaskTable"),
        },
        {
          Effect: "Allow",
          Action: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"],
          Resource: arnOfOutput("EngineTable"),
        },
        {
          Effect: "Allow",
          Action: ["lambda:InvokeFunction"],
          Resource: [functionArn("Enginea"), functionArn("Engineb")],
        },
        { Effect: "Allow", Action: switches, Resource: arn(named("AWS::Events::Rule", "Sweep")) },
      ]);
    },
  );

  it.each(["Enginea", "Engineb"])(
    "%s may call report, add blobs that are never overwritten and write its log, and has no table",
    (engine) => {
      expect(statements(engine)).toEqual([
        log(engine),
        { Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: functionArn("Report") },
        { ...blobs, Action: ["s3:GetObject"] },
        { ...blobs, Action: ["s3:PutObject"], Condition: { StringEquals: { "s3:if-none-match": "*" } } },
      ]);
    },
  );

  it("a client with grantClient may call the scheduler, read tasks, and read and write blobs", () => {
    expect(statementsOf(resources, stack.getLogicalId(user.node.defaultChild as never))).toEqual([
      { Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: functionArn("Scheduler") },
      {
        Effect: "Allow",
        Action: ["dynamodb:GetItem", "dynamodb:Query"],
        Resource: arnOfOutput("TaskTable"),
      },
      blobs,
    ]);
  });

  it("the client of the embedded cloud may do exactly what grantClient grants", () => {
    const file = (stack.node.root as App).synth().getStackByName("Fantail").templateFullPath;
    const deployment = readDeployment(file);
    const references = referencesOf("Fantail", readTemplate(file));
    const granted = statementsOf(resources, stack.getLogicalId(user.node.defaultChild as never))
      .map((statement) => parseStatement(resolveIntrinsics(statement, references)))
      .map(({ effect, actions, resources: on }) => ({ effect, actions, resources: on }));
    expect(cellsOf(deployment).flatMap((cell) => clientStatements(deployment, cell))).toEqual(granted);
  });

  it("no permission comes from a managed or inline policy, or applies to an unnamed resource", () => {
    for (const { Type, Properties } of Object.values(resources)) {
      if (Type === "AWS::IAM::Role") {
        expect(Properties.ManagedPolicyArns).toBeUndefined();
        expect(Properties.Policies).toBeUndefined();
      }
      if (Type !== "AWS::IAM::Policy") continue;
      const { Statement } = Properties.PolicyDocument as { Statement: Statement[] };
      for (const { Action, Resource } of Statement)
        expect(JSON.stringify([Action, Resource])).not.toMatch(/"(?:\*|\w+:\*)"/);
    }
  });

  it("only Lambda may assume the roles of functions", () => {
    for (const [id, { Type, Properties }] of Object.entries(resources)) {
      if (Type !== "AWS::IAM::Role" || id.startsWith("ClientRole")) continue;
      expect((Properties.AssumeRolePolicyDocument as { Statement: unknown }).Statement).toEqual([
        { Action: "sts:AssumeRole", Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" } },
      ]);
    }
  });

  it("an engine's events are configured after its role may call report, and no function depends on a policy", () => {
    for (const [id, { Type, DependsOn = [] }] of Object.entries(resources)) {
      const policies = DependsOn.filter((other) => resources[other]?.Type === "AWS::IAM::Policy");
      if (Type === "AWS::Lambda::EventInvokeConfig") expect(policies, id).toHaveLength(1);
      if (Type === "AWS::Lambda::Function") expect(policies, id).toEqual([]);
    }
  });

  it("the permissions of a cluster's functions are in one stack", () => {
    expect(Stack.of(stack.fantail)).toBe(stack);
  });
});
