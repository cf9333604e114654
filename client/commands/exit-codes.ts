/** Exit codes of `fantail`; 10 to 12 are those of ipcluster. */
export const EXIT = {
  ok: 0,
  /** The command failed; the message says why. */
  failed: 1,
  /** An unknown command or option, or an invalid value. */
  usage: 2,
  /** `start`: the profile's cluster is already running. */
  alreadyStarted: 10,
  /** `stop`: no cluster of this profile is running. */
  alreadyStopped: 11,
  /** No cluster was found. */
  noCluster: 12,
  /** `deploy`, `destroy`: the CDK is not installed, or too old. */
  noCdk: 13,
} as const;

/** Ends a command with a message on stderr and an exit code. */
export class CommandFailure extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
