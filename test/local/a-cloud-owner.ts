import { InvokeCommand } from "@aws-sdk/client-lambda";
import { named, sdkClients, startStack } from "./a-stack.ts";

/**
 * A process that owns a cloud and runs work in it, to be killed by a test. Prints the processes of the cloud. Its
 * argument is the data folder, if any.
 */
const [dataDir] = process.argv.slice(2);
const stack = {
  tables: ["Rows"],
  buckets: ["Blobs"],
  functions: {
    loops: { code: "export const handler = async () => { for (;;); }", properties: { Timeout: 900 } },
    spawns: {
      code: `import { spawn } from "node:child_process";
             export const handler = async () => spawn("sleep", ["1000"], { stdio: "ignore" }).pid;`,
    },
    folder: { code: "export const handler = async () => process.cwd()" },
  },
};
const cloud = await startStack(stack, dataDir === undefined ? {} : { dataDir });
const { lambda } = sdkClients(cloud.connection);
const call = async (name: string) => {
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: named(name) }));
  return JSON.parse(Buffer.from(Payload ?? []).toString()) as unknown;
};
const spawned = await call("spawns");
const folder = await call("folder");
await lambda.send(new InvokeCommand({ FunctionName: named("loops"), InvocationType: "Event" }));
let environments = await cloud.faults.environments();
while (!environments.some(({ busy }) => busy)) environments = await cloud.faults.environments();
console.log(JSON.stringify({ pids: [...environments.map(({ pid }) => pid), spawned], folder }));
setInterval(() => {}, 1_000);
