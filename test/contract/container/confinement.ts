/**
 * Runs a program in namespaces of its own for mounts and processes until it ends, or stdin closes: that is when its owner
 * dies, however that happens. The kernel then ends whatever else is in the namespaces, and no mount is left.
 */
const UNDER_OWNER = `
exec 3<&0
unshare --mount --pid --fork --kill-child "$@" 3<&- < /dev/null & child=$!
{ cat <&3 > /dev/null; kill -KILL "$child" 2> /dev/null; } > /dev/null 2>&1 & watch=$!
wait "$child"; code=$?
kill "$watch" 2> /dev/null
exit "$code"
`;

/** The command that runs a program confined, for as long as its stdin, a pipe, is open. Be root. */
export function confined(program: string, args: readonly string[]): [program: string, args: string[]] {
  return ["sh", ["-c", UNDER_OWNER, "sh", program, ...args]];
}
