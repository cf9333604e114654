/** Exit codes of `fantail`; 10 to 12 are ipcluster's. */
export const EXIT = {
  ok: 0,
  /** Something failed; the message says what. */
  failed: 1,
  /** An option or a command that there is not. */
  usage: 2,
  /** `start`: the profile's cluster runs already. */
  alreadyStarted: 10,
  /** `stop`: no cluster of this profile runs. */
  alreadyStopped: 11,
  /** No cluster to ask. */
  noCluster: 12,
  /** `deploy`, `destroy`: the CDK's command is not installed, or too old. */
  noCdk: 13,
} as const;

/** Ends a command with a message on stderr and a code. */
export class CommandFailure extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
