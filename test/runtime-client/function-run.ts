import { Buffer } from "node:buffer";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InvocationOutcome } from "../../client/local/lambda/function-failure.ts";
import type { FunctionCase } from "./function-cases.ts";

export const REQUEST = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
export const ARN = "arn:aws:lambda:eu-west-1:123456789012:function:tried";
export const TRACE = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1";

/** The outcomes of a function's invocations. */
export type Outcomes = { status: string; payload: unknown }[];

/** Writes a function's files into a folder. Returns the variables of its environment. */
export function unpack({ code, handler = "index.handler" }: FunctionCase, folder: string): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  const isCommonJs = handler.includes(".cjs:");
  writeFileSync(join(folder, isCommonJs ? "index.cjs" : "index.mjs"), code);
  return {
    PATH: process.env.PATH ?? "",
    LAMBDA_TASK_ROOT: folder,
    _HANDLER: isCommonJs ? "index.handler" : handler,
    AWS_REGION: "eu-west-1",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_FUNCTION_NAME: "tried",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/tried",
    AWS_LAMBDA_LOG_STREAM_NAME: "2026/01/01/[$LATEST]0123",
  };
}

/** Returns a comparable outcome, without the names of files in the caller's stack. */
export function comparable({ status, payload }: InvocationOutcome): Outcomes[number] {
  const value: unknown = JSON.parse(Buffer.from(payload).toString() || "null");
  if (status === "ok" || typeof value !== "object" || value === null) return { status, payload: value };
  const { trace: _, stackTrace: __, errorMessage, ...rest } = value as Record<string, unknown>;
  const [message] = String(errorMessage).split("\nRequire stack:");
  return { status, payload: { ...rest, errorMessage: message } };
}
