import { type Debugger, type InspectorNotification, type Runtime, Session } from "node:inspector";

/** Where V8 says that a function stands: the script, and 0-based line and column of its parameters. */
export interface FunctionPlace {
  scriptId: string;
  line: number;
  column: number;
}

let session: Session | undefined | "none";

/** Whether this process has an inspector to ask: not under `--permission`, nor where the runtime lacks one. */
export function canReadScopes(): boolean {
  return connected() !== undefined;
}

function connected(): Session | undefined {
  if (session === undefined) {
    try {
      const opened = new Session();
      opened.connect();
      session = opened;
    } catch {
      session = "none";
    }
  }
  return session === "none" ? undefined : session;
}

/** Has the inspector do something that has no answer; it is done when this returns. */
export function tell(method: "Runtime.enable" | "Runtime.disable" | "Debugger.enable" | "Debugger.disable"): void {
  answered((inspector, answer) => inspector.post(method, answer));
}

/** Has V8 pass over `debugger` statements, which would stop the process while it is listened to. */
export function skipPauses(): void {
  answered((inspector, answer) => inspector.post("Debugger.setSkipAllPauses", { skip: true }, answer));
}

/** What an expression gives, and what it throws. */
export function evaluate(parameters: Runtime.EvaluateParameterType): Runtime.EvaluateReturnType | undefined {
  return answered<Runtime.EvaluateReturnType>((inspector, answer) =>
    inspector.post("Runtime.evaluate", parameters, answer),
  );
}

/** What V8 tells of an object; private fields are not in the types that Node has for its inspector. */
export interface FoundProperties extends Partial<Runtime.GetPropertiesReturnType> {
  privateProperties?: Runtime.InternalPropertyDescriptor[];
}

/** The properties of an object, and what it has besides. */
export function propertiesOf(
  parameters: Runtime.GetPropertiesParameterType & { nonIndexedPropertiesOnly?: boolean },
): FoundProperties {
  const found = answered<Runtime.GetPropertiesReturnType>((inspector, answer) =>
    inspector.post("Runtime.getProperties", parameters, answer),
  );
  return found ?? {};
}

export function callOn(parameters: Runtime.CallFunctionOnParameterType): void {
  answered<Runtime.CallFunctionOnReturnType>((inspector, answer) =>
    inspector.post("Runtime.callFunctionOn", parameters, answer),
  );
}

/** Lets go of the objects that were asked for under a group's name. */
export function release(objectGroup: string): void {
  answered((inspector, answer) => inspector.post("Runtime.releaseObjectGroup", { objectGroup }, answer));
}

/** @throws Error for a script that nothing uses any more, so that V8 has dropped it */
export function sourceOf(scriptId: string): string | undefined {
  return answered<Debugger.GetScriptSourceReturnType>((inspector, answer) =>
    inspector.post("Debugger.getScriptSource", { scriptId }, answer),
  )?.scriptSource;
}

/** Calls the listener for each script that V8 tells of from now on. */
export function listenToScripts(
  listener: (message: InspectorNotification<Debugger.ScriptParsedEventDataType>) => void,
): void {
  const inspector = connected();
  if (inspector && !inspector.listeners("Debugger.scriptParsed").includes(listener))
    inspector.on("Debugger.scriptParsed", listener);
}

/** The place in a function's `[[FunctionLocation]]`; undefined for native ones. */
export function placeIn(inner: readonly Runtime.InternalPropertyDescriptor[]): FunctionPlace | undefined {
  const location: unknown = inner.find(({ name }) => name === "[[FunctionLocation]]")?.value?.value;
  if (typeof location !== "object" || location === null) return undefined;
  const [scriptId, line, column] = ["scriptId", "lineNumber", "columnNumber"].map((key): unknown =>
    Reflect.get(location, key),
  );
  if (typeof scriptId !== "string" || typeof line !== "number" || typeof column !== "number") return undefined;
  return { scriptId, line, column };
}

/** Asks the inspector; within one process it answers before `post` returns. Undefined where there is none. */
function answered<T = void>(
  ask: (inspector: Session, answer: (error: Error | null, result: T) => void) => void,
): T | undefined {
  const inspector = connected();
  if (!inspector) return undefined;
  let answer: T | undefined;
  let failure: Error | null = null;
  ask(inspector, (error, result) => {
    failure = error;
    answer = result;
  });
  if (failure) throw failure;
  return answer;
}
