import { randomBytes } from "node:crypto";
import type { Principal } from "../requests/access.ts";
import type { FunctionSpec } from "../stack/deployment.ts";
import { REGION } from "../stack/resource-names.ts";

/** URLs of the cloud's services. */
export interface Endpoints {
  lambda: string;
  dynamodb: string;
  s3: string;
  events: string;
}

/**
 * Returns a function's environment variables: Lambda's and the template's, and the endpoints of this cloud. Of the
 * user's own environment, only PATH is passed on.
 */
export function environmentVariables(
  { name, handler, memoryMb, variables, logGroup }: FunctionSpec,
  role: Principal,
  endpoints: Endpoints,
  folders: { task: string; cache: string },
): Record<string, string> {
  return {
    ...variables,
    PATH: process.env.PATH ?? "",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    _HANDLER: handler,
    LAMBDA_TASK_ROOT: folders.task,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split(".")[0]}.x`,
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: logGroup.slice(logGroup.lastIndexOf(":") + 1),
    AWS_LAMBDA_LOG_STREAM_NAME: `[$LATEST]${randomBytes(16).toString("hex")}`,
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    AWS_ACCESS_KEY_ID: role.accessKeyId,
    AWS_SECRET_ACCESS_KEY: role.secretAccessKey,
    AWS_SESSION_TOKEN: "embedded",
    AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.events,
    // Silence the warning about old versions of Node, which the embedded cloud supports.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    // Node 22 and later load a bundle three times faster the second time.
    NODE_COMPILE_CACHE: folders.cache,
  };
}
