/** Where in the user's code something was called: its frames as stacks have them, one a line; empty where none is known. */
export type CallSite = () => string;

/** How frames name the folders of fantail's own code, built or not; none where a bundler has put it among the user's. */
const OWN_PLACES = ownFolders(import.meta.url).flatMap(({ href, pathname }) => [href, `(${pathname}`, ` ${pathname}`]);

function ownFolders(here: string | undefined): URL[] {
  if (here === undefined || !/\/client\/outcomes\/call-site\.[jt]s$/.test(here)) return [];
  // Source maps lead from what is built to what it was built of.
  const roots = here.includes("/dist/client/outcomes/") ? ["../../", "../../../"] : ["../../"];
  return roots.flatMap((root) => ["client/", "lambdas/"].map((folder) => new URL(root + folder, here)));
}

/** Notes the call under way. Frames become text only when they are asked for: what succeeds pays some microseconds. */
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
