import { createRequire } from "node:module";
import { dirname } from "node:path";
import { buildSync } from "esbuild";
import { type AStack, arn, named } from "../local/a-stack.ts";

export const NOTES = named("Notes");
export const BLOBS = named("Blobs").toLowerCase();

/** Code of every function in the stack: records that it ran, then does what the event says. */
const CODE = `
  import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
  import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
  const db = new DynamoDBClient({});
  const lambda = new LambdaClient({});
  const environment = crypto.randomUUID();
  const note = (pk, what) => db.send(new PutItemCommand({ TableName: "${NOTES}",
    Item: { pk: { S: pk }, sk: { S: Date.now() + crypto.randomUUID() }, what: { S: JSON.stringify(what) } } }));

  export const handler = async (event, context) => {
    const at = Date.now();
    if (event.requestContext) return note("heard " + event.requestPayload.note, event);
    if (event.note) await note(event.note, at);
    switch (event.do) {
      case "fail": throw new Error("always");
      case "hang": for (;;);
      case "exit": return process.exit(3);
      case "sleep": await new Promise((done) => setTimeout(done, event.ms)); break;
      case "large": return "x".repeat(event.characters);
      case "write": return note("denied", at).then(() => "allowed", (error) => error.name);
      case "recurse":
        if (event.left > 1) await lambda.send(new InvokeCommand({ FunctionName: context.functionName,
          InvocationType: "Event", Payload: JSON.stringify({ ...event, left: event.left - 1 }) }));
    }
    return environment;
  };`;

const noting = { Effect: "Allow", Action: "dynamodb:PutItem", Resource: arn("Notes") };
const mayInvoke = (name: string) => ({
  Effect: "Allow",
  Action: "lambda:InvokeFunction",
  Resource: { "Fn::Sub": `arn:aws:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${named(name)}` },
});
const toHears = { DestinationConfig: { OnFailure: { Destination: arn("hears") } } };

/** Returns the stack: small functions, each with the property that a probe needs. */
export function probeStack(): AStack {
  const code = bundled();
  const fn = (properties: Record<string, unknown> = {}, may: unknown[] = [noting]) => ({ code, may, properties });
  return {
    tables: ["Notes"],
    buckets: ["Blobs"],
    functions: {
      plain: fn(),
      alone: fn({ ReservedConcurrentExecutions: 1 }),
      none: { ...fn({ ReservedConcurrentExecutions: 0 }, [noting, mayInvoke("hears")]), events: toHears },
      fails: { ...fn({}, [noting, mayInvoke("hears")]), events: toHears },
      brief: fn({ Timeout: 1 }),
      recurses: fn({}, [noting, mayInvoke("recurses")]),
      isolated: fn({ TenancyConfig: { TenantIsolationMode: "PER_TENANT" } }),
      denied: fn({}, []),
      ticks: fn(),
      hears: fn(),
    },
    rules: { ticks: JSON.stringify({ note: "tick" }) },
  };
}

function bundled(): string {
  const result = buildSync({
    stdin: { contents: CODE, resolveDir: dirname(createRequire(import.meta.url).resolve("../../package.json")) },
    bundle: true,
    platform: "node",
    format: "esm",
    write: false,
    logLevel: "silent",
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
  });
  return result.outputFiles[0]?.text ?? "";
}
