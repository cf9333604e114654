import { Buffer } from "node:buffer";

/**
 * How an invocation ended. `error`: the function failed. `invalid`: the event is not JSON, so the function did not run.
 */
export interface InvocationOutcome {
  status: "ok" | "error" | "invalid";
  payload: Buffer;
}

/** Why an environment died. */
export type Death =
  | { by: "timeout"; seconds: number }
  | { by: "memory" }
  | { by: "exit"; code: number }
  | { by: "signal"; signal: string }
  | { by: "init"; payload: Buffer };

export function deathOutcome(death: Death, requestId: string): InvocationOutcome {
  if (death.by === "init") return { status: "error", payload: death.payload };
  const [errorType, message] = deathWords(death);
  return failureOutcome({ errorType, errorMessage: `RequestId: ${requestId} Error: ${message}` });
}

export function failureOutcome(report: { errorType: string; errorMessage: string }): InvocationOutcome {
  return { status: "error", payload: Buffer.from(JSON.stringify(report)) };
}

function deathWords(death: Exclude<Death, { by: "init" }>): [errorType: string, message: string] {
  switch (death.by) {
    case "timeout":
      return ["Sandbox.Timedout", `Task timed out after ${death.seconds.toFixed(2)} seconds`];
    case "memory":
      return ["Runtime.OutOfMemory", "Runtime exited with error: signal: killed"];
    case "signal":
      return ["Runtime.ExitError", `Runtime exited with error: signal: ${SIGNAL_WORDS[death.signal] ?? death.signal}`];
    case "exit":
      return death.code === 0
        ? ["Runtime.ExitError", "Runtime exited without providing a reason"]
        : ["Runtime.ExitError", `Runtime exited with error: exit status ${death.code}`];
  }
}

const SIGNAL_WORDS: Record<string, string> = {
  SIGKILL: "killed",
  SIGTERM: "terminated",
  SIGSEGV: "segmentation fault",
  SIGABRT: "aborted",
};
