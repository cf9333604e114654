import { readFileSync } from "node:fs";
import type { Runtime } from "node:inspector";
import { setTimeout } from "node:timers";
import { fileURLToPath } from "node:url";
import { evaluate, listenToScripts, send, skipPauses, sourceOf } from "./session.ts";

const urls = new Map<string, string>();
/** URLs of scripts seen in stack frames. */
const seen = new Map<string, string>();
const sources = new Map<string, string>();

/**
 * Returns the URL or path of a loaded script, as its loader gave it; undefined for code without one.
 *
 * V8 answers this only by listing all scripts. That takes 20 to 90 ms the first time, and again once further scripts
 * are loaded, so callers avoid this for functions in the same script as the function being sent.
 */
export function scriptUrl(scriptId: string): string | undefined {
  if (!urls.has(scriptId)) listScripts();
  return urls.get(scriptId) || undefined;
}

/**
 * Like `scriptUrl`, but does not list the scripts if this one is on the stack, as the script of a submitted function
 * usually is.
 *
 * @param mayList whether to list the scripts otherwise; if false, returns undefined
 */
export function runningScriptUrl(scriptId: string, mayList: boolean): string | undefined {
  const known = urls.get(scriptId) ?? seen.get(scriptId);
  if (known !== undefined) return known || undefined;
  for (const frame of runningFrames()) seen.set(frame.scriptId, frame.url);
  return seen.get(scriptId) || (mayList ? scriptUrl(scriptId) : undefined);
}

/** Returns the current stack frames with their scripts, as V8 reports them with an exception. */
function runningFrames(): readonly Runtime.CallFrame[] {
  send("Runtime.enable");
  try {
    return evaluate({ expression: "throw 0", silent: true })?.exceptionDetails?.stackTrace?.callFrames ?? [];
  } finally {
    send("Runtime.disable");
  }
}

/** Returns the text of a script as loaded, after tsx, vite or Node removed the types. */
export function scriptSource(scriptId: string): string | undefined {
  if (!urls.has(scriptId)) listScripts();
  const text = loadedText(scriptId) ?? fileText(scriptUrl(scriptId));
  if (text !== undefined) return text;
  own.add(scriptId);
  listScripts();
  return loadedText(scriptId);
}

/** Whether the URL or path is in an installed package. */
export function isInstalled(url: string | undefined): boolean {
  return url !== undefined && /[\\/]node_modules[\\/]/.test(url);
}

/** Returns the file of a script's URL, without the query that loaders add; undefined if it is not a file. */
export function scriptFile(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const bare = url.replace(/[?#].*$/s, "");
  if (bare.startsWith("file:")) return fileURLToPath(bare);
  if (bare.startsWith("/@fs/")) return bare.slice("/@fs".length);
  return bare.startsWith("/") ? bare : undefined;
}

/**
 * A listing counts as recent for this many times its own duration. After a listing that follows a recent one, this
 * module keeps listening to V8 for as long.
 */
const PAUSE = 20;
let isListening = false;
let pauseEnds = 0;
/**
 * The user's own scripts. Their texts must be read before this module stops listening to V8: to read one later, it
 * would have to list all scripts again.
 */
const own = new Set<string>();

/**
 * Lists all scripts.
 *
 * V8 always lists them from the first one, so a program that keeps creating functions from text would pay for all
 * earlier scripts with each new one. If listings follow each other quickly, this keeps listening for a while, because
 * V8 then reports new scripts only. Otherwise it stops at once, because the inspector slows the process down.
 */
function listScripts(): void {
  if (isListening) return;
  const begun = performance.now();
  startListening();
  const pauseMs = PAUSE * (performance.now() - begun);
  if (begun < pauseEnds) setTimeout(stopListening, pauseMs).unref();
  else stopListening();
  pauseEnds = performance.now() + pauseMs;
}

function startListening(): void {
  isListening = true;
  listenToScripts(noteScript);
  send("Debugger.enable");
  skipPauses();
}

function stopListening(): void {
  for (const scriptId of own) loadedText(scriptId);
  send("Debugger.disable");
  own.clear();
  isListening = false;
}

function noteScript({ params: { scriptId, url } }: { params: { scriptId: string; url: string } }): void {
  urls.set(scriptId, url);
  if (!isInstalled(url) && !url.startsWith("node:") && url !== "" && !sources.has(scriptId)) own.add(scriptId);
}

/** Returns the text of a script from the cache, or while this module listens to V8, from V8; otherwise undefined. */
function loadedText(scriptId: string): string | undefined {
  const known = sources.get(scriptId);
  if (known !== undefined || !isListening) return known;
  const text = textFromV8(scriptId);
  if (text !== undefined) sources.set(scriptId, text);
  return text;
}

function textFromV8(scriptId: string): string | undefined {
  try {
    return sourceOf(scriptId);
  } catch {
    // V8 has dropped the script, because nothing uses it any more.
    return undefined;
  }
}

function fileText(url: string | undefined): string | undefined {
  const file = scriptFile(url);
  try {
    return file === undefined ? undefined : readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
