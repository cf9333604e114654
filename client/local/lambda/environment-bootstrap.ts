import { existsSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { encodeFrame, type FrameKind, FrameReader } from "./frames.ts";

/**
 * The first module of an execution environment: loads the function's handler and runs it for one
 * invocation after the other. What Lambda's own runtime client does, over a socket (descriptor 3).
 *
 * It is bundled into one file and runs outside the project.
 */

/** Says what an invocation is; the payload of its frame is the event. */
export interface InvocationHeader {
  requestId: string;
  /** Epoch milliseconds at which the environment is killed. */
  deadline: number;
  trace: string;
  tenant?: string | undefined;
  clientContext?: string | undefined;
}

type Handler = (event: unknown, context: unknown) => unknown;

const environment = process.env;
/** What Lambda tells its runtime by a header of each invocation. */
const functionArn = process.argv[2];
const link = new Socket({ fd: 3, readable: true, writable: true });

// Whoever started this process is gone, and nobody waits for an answer.
link.on("close", () => process.exit(0));
link.on("error", () => process.exit(0));
process.on("uncaughtException", (error) => end("Runtime.UncaughtException", error, 129));
process.on("unhandledRejection", (reason) => end("Runtime.UnhandledPromiseRejection", reason, 128));

function send(kind: FrameKind, payload: string): void {
  link.write(encodeFrame(kind, "", payload));
}

/** Reports an error that the process does not survive. */
function end(errorType: string, thrown: unknown, exitCode: number): void {
  const { errorMessage, trace } = describe(thrown);
  const name = thrown instanceof Error ? thrown.name : "Error";
  const report = { errorType, errorMessage: `${name}: ${errorMessage}`, trace };
  link.end(encodeFrame("fatal", "", JSON.stringify(report)), () => process.exit(exitCode));
}

/** A thrown value as Lambda's Node runtime words it. */
function describe(thrown: unknown): { errorType: string; errorMessage: string; trace: string[] } {
  if (thrown instanceof Error)
    return { errorType: thrown.name, errorMessage: thrown.message, trace: thrown.stack?.split("\n") ?? [] };
  return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
}

async function loadHandler(): Promise<Handler> {
  const root = environment.LAMBDA_TASK_ROOT ?? ".";
  const [module = "", name = ""] = (environment._HANDLER ?? "").split(/\.(?=[^.]*$)/);
  const file = [".mjs", ".js", ".cjs"].map((extension) => join(root, module + extension)).find(existsSync);
  if (file === undefined) throw new Error(`Cannot find module '${module}'`);
  const handler: unknown = (await import(pathToFileURL(file).href))[name];
  if (!isHandler(handler)) throw new Error(`${environment._HANDLER} is undefined or not exported`);
  return handler;
}

function isHandler(value: unknown): value is Handler {
  return typeof value === "function";
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
  // The SDK passes it on with every call, which is how chains of functions are counted.
  environment._X_AMZN_TRACE_ID = header.trace;
  try {
    const result = await handler(event, contextOf(header));
    send("ok", JSON.stringify(result) ?? "null");
  } catch (thrown) {
    send("error", JSON.stringify(describe(thrown)));
  }
}

try {
  const handler = await loadHandler();
  const frames = new FrameReader();
  link.on("data", (chunk: Buffer) => {
    for (const { header, payload } of frames.push(chunk)) {
      // The cloud that wrote it is of the same version: this file is bundled when the cloud starts.
      const invocation: InvocationHeader = JSON.parse(header);
      void run(handler, invocation, payload);
    }
  });
  send("ready", "");
} catch (error) {
  end("Runtime.ImportModuleError", error, 1);
}
