/** A function: its code and the events with which it is invoked, one after the other. */
export interface FunctionCase {
  code: string;
  /** File and export. Default `index.handler`. */
  handler?: string;
  events?: unknown[];
  timeoutSeconds?: number;
}

const returning = (value: string): FunctionCase => ({ code: `export const handler = async () => ${value};` });
const throwing = (value: string): FunctionCase => ({ code: `export const handler = async () => { throw ${value}; };` });

/** Behaviours of functions, by name. */
export const FUNCTION_CASES: Record<string, FunctionCase> = {
  "returns its event": {
    code: "export const handler = async (event) => event;",
    events: [{ a: [1, null, "é𝄞"] }, null, "text", 0, []],
  },
  "returns nothing": returning("undefined"),
  "returns null": returning("null"),
  "returns a Date in an object": returning("({ at: new Date(0), nan: NaN, gone: undefined })"),
  "returns a function": returning("() => 1"),
  "returns a BigInt": returning("1n"),
  "returns a circular object": { code: "export const handler = async () => { const a = {}; a.a = a; return a; };" },
  "returns without a promise": { code: "export const handler = () => 5;" },
  "returns a thenable": { code: "export const handler = () => ({ then: (done) => done(7) });" },
  "throws an Error": throwing('new Error("no")'),
  "throws a RangeError": throwing('new RangeError("far")'),
  "throws an error of its own class": {
    code: 'class Odd extends Error { name = "Odd"; } export const handler = async () => { throw new Odd("it is"); };',
  },
  "throws an error with a cause and fields": {
    code: 'export const handler = async () => { throw Object.assign(new Error("no", { cause: 1 }), { code: "E" }); };',
  },
  "throws a string": throwing('"plain"'),
  "throws nothing": throwing("undefined"),
  "throws null": throwing("null"),
  "throws an object": throwing("({ a: 1 })"),
  "throws before its promise": { code: 'export const handler = () => { throw new TypeError("early"); };' },
  "fails, then works": {
    code: 'let n = 0; export const handler = async () => { if (n++ === 0) throw new Error("first"); return n; };',
    events: [{}, {}],
  },
  "keeps its environment": { code: "let n = 0; export const handler = async () => ++n;", events: [{}, {}, {}] },
  "reads its invocation's context": {
    code: `export const handler = async (_, c) => ({
      name: c.functionName, version: c.functionVersion, memory: c.memoryLimitInMB, arn: c.invokedFunctionArn,
      group: c.logGroupName, stream: c.logStreamName, id: c.awsRequestId.length, left: c.getRemainingTimeInMillis() > 1000,
      trace: process.env._X_AMZN_TRACE_ID });`,
  },
  "is written as CommonJS": { code: "exports.handler = async () => 4;", handler: "index.cjs:handler" },
  "is exported by default": { code: "export default { handler: async () => 6 };" },
  "is nested in an export": {
    code: "export const api = { handler: async () => 8 };",
    handler: "index.api.handler",
  },
  "takes a callback": { code: "export const handler = (event, context, done) => done(null, 1);" },
  "is not exported": { code: "export const other = 1;" },
  "is not a function": { code: "export const handler = 1;" },
  "is in a missing module": { code: "", handler: "elsewhere.handler" },
  "is in a module that throws": { code: 'throw new RangeError("at once");' },
  "is in a module that does not parse": { code: "export const handler = (" },
  "is in a module that imports what is not there": { code: 'import "nowhere-at-all"; export const handler = () => 1;' },
  "is in a module that exits": { code: "process.exit(4); export const handler = () => 1;" },
  exits: { code: "export const handler = async () => process.exit(3);", events: [{}, {}] },
  "exits as if all were well": { code: "export const handler = async () => process.exit(0);" },
  "is killed": { code: 'export const handler = async () => process.kill(process.pid, "SIGKILL");' },
  "hangs until its time is over": { code: "export const handler = async () => { for (;;); };", timeoutSeconds: 1 },
  "waits until its time is over": {
    code: "export const handler = () => new Promise((done) => setTimeout(done, 60_000));",
    timeoutSeconds: 1,
  },
  "throws where nobody catches": {
    code: 'export const handler = () => new Promise(() => setTimeout(() => { throw new Error("late"); }, 10));',
  },
  "rejects where nobody catches": {
    code: 'export const handler = () => new Promise(() => setTimeout(() => Promise.reject(new Error("lost")), 10));',
  },
  "has nothing left to wait for": { code: "export const handler = () => new Promise(() => {});", timeoutSeconds: 2 },
};
