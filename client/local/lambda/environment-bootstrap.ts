import { cloudLink } from "./cloud-link.ts";
import { answerText, type Handler, loadHandler } from "./function-module.ts";

/**
 * The first module of an execution environment: loads the function's handler and runs it for one invocation after
 * another. It does what Lambda's runtime client does, over a link to the cloud.
 *
 * It is bundled into one file and runs outside the project.
 */

/** Header of an invocation's frame; the frame's payload is the event. */
export interface InvocationHeader {
  requestId: string;
  /** Time at which the environment is killed, in epoch milliseconds. */
  deadline: number;
  trace: string;
  tenant?: string | undefined;
  clientContext?: string | undefined;
}

const environment = process.env;
/** The function's ARN. AWS sends the ARN with each invocation; here it is fixed per environment. */
const functionArn = process.argv[2];
const link = cloudLink();

/** Describes a thrown value as Lambda's Node runtime does. */
function describe(thrown: unknown): { errorType: string; errorMessage: string; trace: string[] } {
  if (thrown instanceof Error)
    return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split("\n") ?? [] };
  return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
}

function contextOf(header: InvocationHeader) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    invokedFunctionArn: functionArn,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    awsRequestId: header.requestId,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => Math.max(0, header.deadline - Date.now()),
    ...(header.tenant !== undefined && { tenantId: header.tenant }),
    ...(header.clientContext !== undefined && { clientContext: JSON.parse(header.clientContext) }),
  };
}

async function run(handler: Handler, header: InvocationHeader, payload: Buffer): Promise<void> {
  let event: unknown;
  try {
    event = payload.length === 0 ? {} : JSON.parse(payload.toString());
  } catch (error) {
    link.send("invalid", error instanceof Error ? error.message : "");
    return;
  }
  // The SDK sends this variable with every call, so that recursive invocations can be detected.
  environment._X_AMZN_TRACE_ID = header.trace;
  // The link must not keep the process alive: as on Lambda, the process exits if the handler waits for something that
  // never happens.
  link.unref();
  try {
    link.send("ok", answerText(await handler(event, contextOf(header))));
  } catch (thrown) {
    link.send("error", JSON.stringify(describe(thrown)));
  } finally {
    link.ref();
  }
}

try {
  const handler = await loadHandler(environment.LAMBDA_TASK_ROOT ?? ".", environment._HANDLER ?? "");
  link.listen((header, payload) => {
    // The header is not validated: the cloud that wrote it is of the same version.
    const invocation: InvocationHeader = JSON.parse(header);
    void run(handler, invocation, payload);
  });
  link.send("ready", "");
} catch (error) {
  link.end(JSON.stringify(describe(error)));
}
