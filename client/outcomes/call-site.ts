import { originalFrame } from "../shipping/origins/frame-origin.ts";

/** Returns the stack frames of a call in the user's code, one per line; empty if unknown. */
export type CallSite = () => string;

/**
 * Texts by which stack frames of fantail's own code are recognized, whether it is built or not. Empty if a bundler has
 * merged fantail with the user's code.
 */
const OWN_PLACES = ownFolders(import.meta.url).flatMap(({ href, pathname }) => [href, `(${pathname}`, ` ${pathname}`]);

function ownFolders(here: string | undefined): URL[] {
  if (here === undefined || !/\/client\/outcomes\/call-site\.[jt]s$/.test(here)) return [];
  // The source maps of the build lead from the bundles to the sources, so a frame may name a bundle or a source.
  const roots = here.includes("/dist/client/outcomes/") ? ["../../", "../../../"] : ["../../"];
  return roots.flatMap((root) => ["bundle/", "client/", "lambdas/"].map((folder) => new URL(root + folder, here)));
}

/**
 * Captures the current call's stack. The stack is formatted only on request, so that a call that succeeds costs only a
 * few microseconds.
 */
export function callSite(): CallSite {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, callSite);
  return () => userFrames(holder.stack);
}

function userFrames(stack: unknown): string {
  if (typeof stack !== "string") return "";
  const frames = stack.split("\n").filter((line) => /^ {4}at /.test(line) && !/\(?node:internal\//.test(line));
  const others = frames.filter((line) => !OWN_PLACES.some((place) => line.includes(place)));
  const own = others.filter((line) => !/[\\/]node_modules[\\/]/.test(line));
  return (own.length > 0 ? own : others).map(originalFrame).join("\n");
}
