/** Names of environment variables that tasks do not get: the engine's credentials and addresses. */
const PRIVATE =
  /^(?:FANTAIL_.*|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_SECURITY_TOKEN|AWS_CONTAINER_.*|AWS_WEB_IDENTITY_.*|AWS_LAMBDA_RUNTIME_API|AWS_ENDPOINT_URL.*|_X_AMZN_TRACE_ID)$/;

/**
 * The environment variables that tasks see: those of the pool and of Lambda, without the engine's own.
 *
 * This keeps tasks from logging or using credentials by accident. It is not a security boundary: a task shares the
 * process and can find them, so the engine's role is allowed almost nothing.
 */
export function workerEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !PRIVATE.test(name)));
}
