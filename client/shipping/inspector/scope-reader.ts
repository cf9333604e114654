import { Session } from "node:inspector";

/** Where V8 says that a function stands: the script, and 0-based line and column of its parameters. */
export interface FunctionPlace {
  scriptId: string;
  line: number;
  column: number;
}

/** What the free names of a function hold at this moment. */
export interface ScopeReading {
  place: FunctionPlace | undefined;
  /** The values by name; a name that no scope holds is absent. The global scope is not looked at. */
  values: Map<string, unknown>;
  /** Names whose `let`, `const` or `class` was not reached yet (Node 22 and later; Node 20 shows undefined). */
  uninitialised: Set<string>;
}

/** The value that names the parked function, for the expression that V8 evaluates. */
const PARKED = Symbol.for("fantail.parked");
const GROUP = "fantail";

interface RemoteObject {
  objectId?: string;
  value?: unknown;
}
interface ScopeEntry {
  description: string;
  object: Record<string, unknown>;
}
interface Parking {
  value: unknown;
  scopes?: ArrayLike<ScopeEntry>;
}

let session: Session | undefined | "none";

/** Whether this process has an inspector to ask: not under `--permission`, nor where the runtime lacks one. */
export function canReadScopes(): boolean {
  return connected() !== undefined;
}

/**
 * Reads the named variables from the scopes of a function, by this process's own inspector: no port is
 * opened, nothing is paused, and the values are the real ones.
 *
 * @param names only these are looked at
 */
export function readScopes(fn: unknown, names: readonly string[]): ScopeReading {
  const parking: Parking = { value: fn };
  // On `process`, as that is one object in all of a process's contexts (vitest's vmThreads).
  Object.defineProperty(process, PARKED, { value: parking, configurable: true });
  try {
    const properties = internalProperties();
    const place = properties.get("[[FunctionLocation]]")?.value as
      | { scriptId: string; lineNumber: number; columnNumber: number }
      | undefined;
    const scopes = properties.get("[[Scopes]]")?.objectId;
    if (scopes !== undefined && names.length > 0) {
      post("Runtime.callFunctionOn", {
        objectId: scopes,
        functionDeclaration: `function () { process[Symbol.for("fantail.parked")].scopes = this; }`,
      });
    }
    return {
      place: place && { scriptId: place.scriptId, line: place.lineNumber, column: place.columnNumber },
      ...pick(parking.scopes ?? [], names),
    };
  } finally {
    post("Runtime.releaseObjectGroup", { objectGroup: GROUP });
    Reflect.deleteProperty(process, PARKED);
  }
}

/** Innermost scope first, as names are resolved. */
function pick(scopes: ArrayLike<ScopeEntry>, names: readonly string[]): Omit<ScopeReading, "place"> {
  const values = new Map<string, unknown>();
  const uninitialised = new Set<string>();
  const objects = Array.from(scopes, (scope) => (scope.description === "Global" ? undefined : scope.object));
  for (const name of names) {
    const holder = objects.find((object) => object !== undefined && Object.hasOwn(object, name));
    if (!holder) continue;
    try {
      values.set(name, holder[name]);
    } catch {
      uninitialised.add(name);
    }
  }
  return { values, uninitialised };
}

function internalProperties(): Map<string, RemoteObject> {
  const parked = post("Runtime.evaluate", {
    expression: `process[Symbol.for("fantail.parked")].value`,
    objectGroup: GROUP,
  }) as { result: RemoteObject };
  const { internalProperties } = post("Runtime.getProperties", {
    objectId: parked.result.objectId,
    ownProperties: true,
    accessorPropertiesOnly: false,
  }) as { internalProperties?: { name: string; value?: RemoteObject }[] };
  return new Map((internalProperties ?? []).map(({ name, value }) => [name, value ?? {}]));
}

/** Asks the inspector; within one process it answers before `post` returns. */
export function post(method: string, parameters: object = {}): unknown {
  let answer: unknown;
  let failure: Error | null = null;
  connected()?.post(method, parameters, (error: Error | null, result?: object) => {
    failure = error;
    answer = result;
  });
  if (failure) throw failure;
  return answer;
}

/** Calls the listener at each such event from now on. */
export function listenTo(event: string, listener: (message: { params: unknown }) => void): void {
  const inspector = connected();
  if (inspector && !inspector.listeners(event).includes(listener)) inspector.on(event, listener);
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
