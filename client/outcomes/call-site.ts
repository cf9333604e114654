/** Returns the stack frames of a call in the user's code, one per line; empty if unknown. */
export type CallSite = () => string;

/**
 * Matches stack frames of fantail's own code, built or not. Nothing matches if a bundler merged it with the user's
 * code.
 */
const OWN_PLACES = ownFolders(import.meta.url).flatMap(({ href, pathname }) => [href, `(${pathname}`, ` ${pathname}`]);

function ownFolders(here: string | undefined): URL[] {
  if (here === undefined || !/\/client\/outcomes\/call-site\.[jt]s$/.test(here)) return [];
  // The build makes bundles, whose source maps point to the sources.
  const roots = here.includes("/dist/client/outcomes/") ? ["../../", "../../../"] : ["../../"];
  return roots.flatMap((root) => ["bundle/", "client/", "lambdas/"].map((folder) => new URL(root + folder, here)));
}

/**
 * Captures the current call's stack. It is formatted only on request, so successful calls pay only some microseconds.
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
  return (own.length > 0 ? own : others).join("\n");
}
