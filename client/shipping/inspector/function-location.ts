/**
 * A function's location according to V8: its script, and a line and column in it, both from 0. `FunctionSource.anchor`
 * says which part of the function is at this location.
 */
export interface FunctionLocation {
  scriptId: string;
  line: number;
  column: number;
}
