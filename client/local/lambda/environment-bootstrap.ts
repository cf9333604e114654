import { Socket } from "node:net";
import { encodeFrame, type FrameKind, FrameReader } from "./frames.ts";
import { answerText, type Handler, loadHandler } from "./function-module.ts";

/**
 * The first module of an execution environment: loads the function's handler and runs it for one invocation after
 * another. It does what Lambda's runtime client does, over a socket (descriptor 3).
 *
 * It is bundled into one file and runs outside the project.
 */

/** Header of an invocation's frame; the frame's payload is the event. */
export interface InvocationHeader {
  requestId: string;
  /** When the environment is killed, epoch milliseconds. */
  deadline: number;
  trace: string;
  tenant?: string | undefined;
  clientContext?: string | undefined;
}

const environment = process.env;
/** Lambda passes it to its runtime in a header of each invocation. */
const functionArn = process.argv[2];
const link = new Socket({ fd: 3, readable: true, writable: true });

// The parent process is gone, and nobody waits for an answer.
link.on("close", () => process.exit(0));
link.on("error", () => process.exit(0));
function send(kind: FrameKind, payload: string): void {
  link.write(encodeFrame(kind, "", payload));
}

/** Describes a thrown value like Lambda's Node runtime. */
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
    send("invalid", error instanceof Error ? error.message : "");
    return;
  }
  // The SDK sends it with every call, which is how recursive invocations are detected.
  environment._X_AMZN_TRACE_ID = header.trace;
  // This socket must not keep a handler alive that waits for nothing: as on Lambda, the process then exits.
  link.unref();
  try {
    send("ok", answerText(await handler(event, contextOf(header))));
  } catch (thrown) {
    send("error", JSON.stringify(describe(thrown)));
  } finally {
    link.ref();
  }
}

try {
  const handler = await loadHandler(environment.LAMBDA_TASK_ROOT ?? ".", environment._HANDLER ?? "");
  const frames = new FrameReader();
  link.on("data", (chunk: Buffer) => {
    for (const { header, payload } of frames.push(chunk)) {
      // The cloud that wrote it has the same version: this file is bundled when the cloud starts.
      const invocation: InvocationHeader = JSON.parse(header);
      void run(handler, invocation, payload);
    }
  });
  send("ready", "");
} catch (error) {
  link.end(encodeFrame("fatal", "", JSON.stringify(describe(error))), () => process.exit(1));
}
