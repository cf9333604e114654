import type { IncomingHttpHeaders } from "node:http";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { describe, expect, it } from "vitest";
import { leanClient } from "../../lambdas/adapters/lean-client.ts";
import { anAwsService } from "./an-aws-service.ts";

/** Headers that differ between two equal calls of one client. */
const OF_THE_CALL = ["amz-sdk-invocation-id", "x-amz-date", "authorization", "host"];

function withoutIds(headers: IncomingHttpHeaders) {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_CALL.includes(name)));
}

describe("a lean client", () => {
  it("a lean client sends the same requests as the SDK's own", async () => {
    const received: unknown[] = [];
    const service = await anAwsService(({ method, path, body, headers }) => {
      received.push({ method, path, body: body.toString(), headers: withoutIds(headers) });
      return { status: 200, body: "{}", headers: { "content-type": "application/x-amz-json-1.0" } };
    });
    const put = { TableName: "tasks", Item: { pk: { S: "job" }, sk: { S: "a" } } };
    const invoke = { FunctionName: "report", Payload: Buffer.from("{}") };
    const ask = async (dynamodb: DynamoDBClient, lambda: LambdaClient) => {
      await dynamodb.send(new PutItemCommand(put));
      await lambda.send(new InvokeCommand(invoke));
      for (const client of [dynamodb, lambda]) client.destroy();
      return received.splice(0);
    };
    const own = await ask(new DynamoDBClient(service), new LambdaClient(service));
    const lean = await ask(leanClient(new DynamoDBClient(service)), leanClient(new LambdaClient(service)));
    expect(own).toHaveLength(2);
    expect(lean).toEqual(own);
  });

  it("a lean client lacks the SDK's middleware that describes calls to a logger", () => {
    const names = ({ middlewareStack }: DynamoDBClient) => middlewareStack.identify().map((text) => text.split(" ")[0]);
    const own = names(new DynamoDBClient());
    expect(own).toContain("loggerMiddleware");
    expect(names(leanClient(new DynamoDBClient()))).toEqual(own.filter((name) => name !== "loggerMiddleware"));
  });
});
