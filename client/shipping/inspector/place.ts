/**
 * A function's place according to V8: its script, and a line and column in it, both from 0. `FunctionSource.anchor`
 * says which part of the function is at this place.
 */
export interface FunctionPlace {
  scriptId: string;
  line: number;
  column: number;
}
