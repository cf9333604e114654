import type { EncodedError } from "../../lambdas/protocol/outcome-page.ts";

/** The error of a task that was aborted before it was sent. */
export const WITHDRAWN: EncodedError = {
  code: "TaskAborted",
  ename: "TaskAborted",
  evalue: "the task was aborted before it was submitted, so it never ran",
};
