/** Credentials and addresses by which the engine speaks for itself. */
const PRIVATE =
  /^(?:FANTAIL_.*|AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_SECURITY_TOKEN|AWS_CONTAINER_.*|AWS_WEB_IDENTITY_.*|AWS_LAMBDA_RUNTIME_API|AWS_ENDPOINT_URL.*|_X_AMZN_TRACE_ID)$/;

/**
 * The environment that tasks see: the pool's own variables and Lambda's, without what is the engine's.
 *
 * Hygiene, so that no task logs or uses credentials by accident. It is no boundary: a task shares the
 * process and can find them if it wants to, which is why the engine's role may do next to nothing.
 */
export function workerEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !PRIVATE.test(name)));
}
