/** All error classes that users can import. Functions that are sent get the engine's own copies of them. */

export { CompositeError } from "./composite-error.ts";
export * from "./errors.ts";
export { FantailError } from "./fantail-error.ts";
export {
  BudgetExceeded,
  EngineError,
  ImpossibleDependency,
  RemoteError,
  RunTimeout,
  TaskAborted,
  TaskTimeout,
} from "./remote-error.ts";
export { UnreadableRow } from "./unreadable-row.ts";
