import { readFileSync } from "node:fs";
import type { Runtime } from "node:inspector";
import { setTimeout } from "node:timers";
import { fileURLToPath } from "node:url";
import { evaluate, listenToScripts, skipPauses, sourceOf, tell } from "./session.ts";

const urls = new Map<string, string>();
/** Scripts of which only the URL is known yet. */
const seen = new Map<string, string>();
const sources = new Map<string, string>();

/**
 * The URL or path of a loaded script, as the loader gave it; undefined for code without one.
 *
 * Asked only of functions outside the shipped function's own script: V8 tells it by listing all scripts,
 * which costs 20 to 90 ms the first time, and again when scripts were loaded since.
 */
export function scriptUrl(scriptId: string): string | undefined {
  if (!urls.has(scriptId)) listScripts();
  return urls.get(scriptId) || undefined;
}

/**
 * The same, without listing the scripts where the one that is asked for is running just now: as that of a function mostly is,
 * when it is submitted.
 *
 * @param mayList false: where that does not tell it, it stays unknown
 */
export function runningScriptUrl(scriptId: string, mayList: boolean): string | undefined {
  const known = urls.get(scriptId) ?? seen.get(scriptId);
  if (known !== undefined) return known || undefined;
  for (const frame of runningFrames()) seen.set(frame.scriptId, frame.url);
  return seen.get(scriptId) || (mayList ? scriptUrl(scriptId) : undefined);
}

/** V8 tells of each frame's script where it tells of an exception. */
function runningFrames(): readonly Runtime.CallFrame[] {
  tell("Runtime.enable");
  try {
    return evaluate({ expression: "throw 0", silent: true })?.exceptionDetails?.stackTrace?.callFrames ?? [];
  } finally {
    tell("Runtime.disable");
  }
}

/** The text of a script as it was loaded: after tsx, vite or Node removed the types. */
export function scriptSource(scriptId: string): string | undefined {
  if (!urls.has(scriptId)) listScripts();
  const text = loadedText(scriptId) ?? fileText(scriptUrl(scriptId));
  if (text !== undefined) return text;
  own.add(scriptId);
  listScripts();
  return loadedText(scriptId);
}

/** Whether the URL or path lies in an installed package. */
export function isInstalled(url: string | undefined): boolean {
  return url !== undefined && /[\\/]node_modules[\\/]/.test(url);
}

/** The file of a script's URL, without the query that loaders add; undefined when it is none. */
export function scriptFile(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const bare = url.replace(/[?#].*$/, "");
  if (bare.startsWith("file:")) return fileURLToPath(bare);
  if (bare.startsWith("/@fs/")) return bare.slice("/@fs".length);
  return bare.startsWith("/") ? bare : undefined;
}

/** A list that is asked for sooner than this many times what the last one took is the last for as long. */
const PAUSE = 20;
let isListening = false;
let pauseEnds = 0;
/** The user's own scripts, of which the text has to be taken before listening ends: to ask for it later would list all again. */
const own = new Set<string>();

/**
 * Lists all scripts. V8 does so from the first one on each time, so a program that goes on making functions from text would pay for each
 * of them what it paid for all others. Where lists are asked for in a row, V8 is listened to for a while, and tells of new scripts only.
 * Otherwise it is not, as the inspector is slower meanwhile.
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
  tell("Debugger.enable");
  skipPauses();
}

function stopListening(): void {
  for (const scriptId of own) loadedText(scriptId);
  tell("Debugger.disable");
  own.clear();
  isListening = false;
}

function noteScript({ params: { scriptId, url } }: { params: { scriptId: string; url: string } }): void {
  urls.set(scriptId, url);
  if (!isInstalled(url) && !url.startsWith("node:") && url !== "" && !sources.has(scriptId)) own.add(scriptId);
}

/** The text of a script, while V8 is listened to. */
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
    // Nothing uses the script any more, so V8 has dropped it.
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
