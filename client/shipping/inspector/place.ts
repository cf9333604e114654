/** A function's place according to V8: its script, and the line and column of its parameters, both from 0. */
export interface FunctionPlace {
  scriptId: string;
  line: number;
  column: number;
}
