import { type Debugger, type InspectorNotification, type Runtime, Session } from "node:inspector";
import type { FunctionLocation } from "./function-location.ts";

let session: Session | undefined | "none";

/** Whether this process has an inspector to use. It has none under `--permission`, and some runtimes lack one. */
export function canReadScopes(): boolean {
  return connected() !== undefined;
}

function connected(): Session | undefined {
  if (session === undefined) {
    try {
      const made = new Session();
      made.connect();
      session = made;
    } catch {
      session = "none";
    }
  }
  return session === "none" ? undefined : session;
}

/** Calls an inspector method that has no result. It has taken effect when this returns. */
export function send(method: "Runtime.enable" | "Runtime.disable" | "Debugger.enable" | "Debugger.disable"): void {
  answered((inspector, answer) => inspector.post(method, answer));
}

/** Makes V8 ignore `debugger` statements, which would pause the process while this module listens to V8. */
export function skipPauses(): void {
  answered((inspector, answer) => inspector.post("Debugger.setSkipAllPauses", { skip: true }, answer));
}

/** Evaluates an expression. Returns its result or the exception it threw. */
export function evaluate(parameters: Runtime.EvaluateParameterType): Runtime.EvaluateReturnType | undefined {
  return answered<Runtime.EvaluateReturnType>((inspector, answer) =>
    inspector.post("Runtime.evaluate", parameters, answer),
  );
}

/** The properties of an object as V8 reports them. Node's types lack private fields. */
export interface FoundProperties extends Partial<Runtime.GetPropertiesReturnType> {
  privateProperties?: Runtime.InternalPropertyDescriptor[];
}

/** Returns the properties, internal slots and private fields of an object. */
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

/** Releases the objects that were requested under a group's name. */
export function release(objectGroup: string): void {
  answered((inspector, answer) => inspector.post("Runtime.releaseObjectGroup", { objectGroup }, answer));
}

/**
 * Returns the text of a script.
 *
 * @throws Error for a script that V8 has dropped because nothing uses it any more
 */
export function sourceOf(scriptId: string): string | undefined {
  return answered<Debugger.GetScriptSourceReturnType>((inspector, answer) =>
    inspector.post("Debugger.getScriptSource", { scriptId }, answer),
  )?.scriptSource;
}

/** Calls the listener for each script that V8 reports later. */
export function listenToScripts(
  listener: (message: InspectorNotification<Debugger.ScriptParsedEventDataType>) => void,
): void {
  const inspector = connected();
  if (inspector && !inspector.listeners("Debugger.scriptParsed").includes(listener))
    inspector.on("Debugger.scriptParsed", listener);
}

/** Reads a function's location from its `[[FunctionLocation]]`; undefined for native functions. */
export function locationIn(inner: readonly Runtime.InternalPropertyDescriptor[]): FunctionLocation | undefined {
  const location: unknown = inner.find(({ name }) => name === "[[FunctionLocation]]")?.value?.value;
  if (typeof location !== "object" || location === null) return undefined;
  const [scriptId, line, column] = ["scriptId", "lineNumber", "columnNumber"].map((key): unknown =>
    Reflect.get(location, key),
  );
  if (typeof scriptId !== "string" || typeof line !== "number" || typeof column !== "number") return undefined;
  return { scriptId, line, column };
}

/**
 * Calls the inspector. An inspector in the same process answers before `post` returns. Undefined without an inspector.
 */
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
