import { Buffer } from "node:buffer";
import { Environment } from "../../client/local/lambda/environment.ts";
import type { FunctionCase } from "./function-cases.ts";
import { ARN, comparable, type Outcomes, REQUEST, TRACE, unpack } from "./function-run.ts";

/**
 * Runs a function with the embedded cloud's bootstrap, in a process or in a thread of this one. If its environment
 * ends, another one continues.
 */
export async function runEmbedded(
  tried: FunctionCase,
  folder: string,
  bootstrap: string,
  isThread = false,
): Promise<Outcomes> {
  const { events = [{}], timeoutSeconds = 20 } = tried;
  const variables = unpack(tried, folder);
  const start = () =>
    new Environment(
      { bootstrap, functionArn: ARN, folder, variables, memoryMb: 256, timeoutSeconds, isThread, log: () => {} },
      () => {},
    );
  const outcomes: Outcomes = [];
  let environment = start();
  for (const event of events) {
    if (environment.dead) environment = start();
    await environment.started;
    const payload = Buffer.from(JSON.stringify(event));
    outcomes.push(comparable(await environment.run({ requestId: REQUEST, payload, trace: TRACE })));
  }
  environment.kill();
  return outcomes;
}
