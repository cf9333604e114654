/** Names under which AWS says "later", besides its own mark on the error. */
const LATER =
  /Throttl|TooManyRequests|ProvisionedThroughput|RequestLimit|LimitExceeded|Timeout|TransactionInProgress|Unavailable|InternalServer|ServiceException/;

/**
 * Whether the same call may succeed a moment later: AWS was busy or failed by itself, or the network did. What is refused for
 * what it says is refused again.
 */
export function isPassing(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { name, code, $fault, $retryable, $metadata, cause } = asked(error);
  if ($retryable !== undefined || $fault === "server") return true;
  if (typeof $metadata === "object" && $metadata !== null && "httpStatusCode" in $metadata) {
    const { httpStatusCode } = $metadata;
    if (typeof httpStatusCode === "number" && (httpStatusCode >= 500 || httpStatusCode === 429)) return true;
  }
  // As of a connection that was refused or reset: ECONNREFUSED, EPIPE.
  if (typeof code === "string" && /^E[A-Z]+$/.test(code)) return true;
  return LATER.test(String(name)) || (cause !== undefined && isPassing(cause));
}

/** The fields that tell of a failure, as far as an error has them. */
function asked(
  error: object,
): Partial<Record<"name" | "code" | "$fault" | "$retryable" | "$metadata" | "cause", unknown>> {
  return error;
}
