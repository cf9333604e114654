/** Lambda's refusal of an invocation: the function was not called. */
export class LambdaError extends Error {
  /** The exception's name, for example `TooManyRequestsException`. */
  readonly type: string;
  readonly status: number;
  /** Fields of the body in addition to the message. */
  readonly details: Record<string, string>;

  constructor(type: string, status: number, message: string, details: Record<string, string> = {}) {
    super(message);
    this.type = type;
    this.status = status;
    this.details = details;
  }
}

export function functionNotFound(arn: string): LambdaError {
  return new LambdaError("ResourceNotFoundException", 404, `Function not found: ${arn}`, { Type: "User" });
}

export function throttled(reserved: boolean): LambdaError {
  const Reason = reserved ? "ReservedFunctionConcurrentInvocationLimitExceeded" : "ConcurrentInvocationLimitExceeded";
  return new LambdaError("TooManyRequestsException", 429, "Rate Exceeded.", { Reason, Type: "User" });
}

export function requestTooLarge(limit: number): LambdaError {
  const message = `Request must be smaller than ${limit} bytes for the InvokeFunction operation`;
  return new LambdaError("RequestTooLargeException", 413, message, { Type: "User" });
}

export function notJson(label: string): LambdaError {
  const message = `Could not parse request body into json: ${label}`;
  return new LambdaError("InvalidRequestContentException", 400, message, { Type: "User" });
}

export function invalidParameter(message: string): LambdaError {
  return new LambdaError("InvalidParameterValueException", 400, message, { Type: "User" });
}

export function recursiveInvocation(): LambdaError {
  const message = "Lambda has detected that this function is being invoked in a recursive loop with other resources";
  return new LambdaError("RecursiveInvocationException", 400, message, { Type: "User" });
}
