import { describe, expect, it } from "vitest";
import { isRetryable } from "../../lambdas/protocol/retryable-error.ts";

const named = (name: string) => Object.assign(new Error("no"), { name });

describe("a failure that passes", () => {
  it.each<[string, unknown]>([
    ["named like throttling", named("ProvisionedThroughputExceededException")],
    ["marked by the SDK as retryable", { $retryable: {} }],
    ["a fault of the server", { $fault: "server" }],
    ["a response with a status from 500", { $metadata: { httpStatusCode: 503 } }],
    ["a response with the status for too many requests", { $metadata: { httpStatusCode: 429 } }],
    ["a refused connection", Object.assign(new Error("no"), { code: "ECONNREFUSED" })],
    ["a host name that does not resolve yet", Object.assign(new Error("no"), { code: "EAI_AGAIN" })],
    [
      "an error with a temporary cause",
      new Error("no", { cause: new Error("no", { cause: named("ThrottlingException") }) }),
    ],
  ])("a failure is temporary if it is %s", (_, error) => {
    expect(isRetryable(error)).toBe(true);
  });

  it.each<[string, unknown]>([
    ["a refusal", { name: "ValidationException", $fault: "client", $metadata: { httpStatusCode: 400 } }],
    ["an error of Node's own", Object.assign(new TypeError("no"), { code: "ERR_INVALID_ARG_TYPE" })],
    ["a missing file", Object.assign(new Error("no"), { code: "ENOENT" })],
    ["a missing permission", Object.assign(new Error("no"), { code: "EACCES" })],
    ["a full disk", Object.assign(new Error("no"), { code: "ENOSPC" })],
    ["an ordinary error", new TypeError("no")],
    ["an error with a permanent cause", new Error("no", { cause: new Error("no") })],
    ["a text", "ThrottlingException"],
    ["nothing", undefined],
  ])("a failure is not temporary if it is %s", (_, error) => {
    expect(isRetryable(error)).toBe(false);
  });
});
