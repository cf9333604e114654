/**
 * Runs a program in its own mount and process namespaces until it ends or stdin closes, which happens whenever its
 * owner dies. The kernel then ends everything else in the namespaces, and removes the mounts.
 */
const UNDER_OWNER = `
exec 3<&0
unshare --mount --pid --fork --kill-child "$@" 3<&- < /dev/null & child=$!
{ cat <&3 > /dev/null; kill -KILL "$child" 2> /dev/null; } > /dev/null 2>&1 & watch=$!
wait "$child"; code=$?
kill "$watch" 2> /dev/null
exit "$code"
`;

/** Returns the command that runs a program confined while its stdin, a pipe, is open. Requires root. */
export function confined(program: string, args: readonly string[]): [program: string, args: string[]] {
  return ["sh", ["-c", UNDER_OWNER, "sh", program, ...args]];
}
