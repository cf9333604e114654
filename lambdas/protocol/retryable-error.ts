/**
 * Matches names of AWS errors that mean "try again later". Other such errors are recognized by fields that the SDK
 * sets.
 */
const LATER =
  /Throttl|TooManyRequests|ProvisionedThroughput|RequestLimit|LimitExceeded|Timeout|TransactionInProgress|Unavailable|InternalServer|ServiceException/;

/**
 * Node's error codes for failures of the network. Calls that fail with other codes, such as ENOENT and EACCES, would
 * fail again.
 */
const NETWORK: ReadonlySet<unknown> = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE", "ETIMEDOUT", "EAI_AGAIN", "ENOTFOUND"],
  ...["EHOSTUNREACH", "EHOSTDOWN", "ENETUNREACH", "ENETDOWN", "ENETRESET", "EADDRNOTAVAIL", "EPROTO"],
]);

/**
 * Whether the same call may succeed a moment later: AWS throttled it or failed internally, or the network failed. A
 * call refused for its content would be refused again.
 *
 * The SDK has already retried the call itself, as often as the client's `maxAttempts` says (3 by default).
 */
export function isRetryable(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { name, code, $fault, $retryable, $metadata, cause } = asked(error);
  if ($retryable !== undefined || $fault === "server") return true;
  if (typeof $metadata === "object" && $metadata !== null && "httpStatusCode" in $metadata) {
    const { httpStatusCode } = $metadata;
    if (typeof httpStatusCode === "number" && (httpStatusCode >= 500 || httpStatusCode === 429)) return true;
  }
  if (NETWORK.has(code)) return true;
  return LATER.test(String(name)) || (cause !== undefined && isRetryable(cause));
}

/** The fields of an error that describe a failure; each may be absent. */
function asked(
  error: object,
): Partial<Record<"name" | "code" | "$fault" | "$retryable" | "$metadata" | "cause", unknown>> {
  return error;
}
