/** All classes of errors that users import, and that a function finds on its engine. */

export { CompositeError } from "./composite-error.ts";
export * from "./errors.ts";
export { FantailError } from "./fantail-error.ts";
export {
  EngineError,
  ImpossibleDependency,
  RemoteError,
  RunTimeout,
  TaskAborted,
  TaskTimeout,
} from "./remote-error.ts";
export { UnreadableRow } from "./unreadable-row.ts";
