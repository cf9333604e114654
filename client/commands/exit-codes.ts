/** Exit codes of `fantail`; 10 to 12 have the same meaning as ipcluster's. */
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

/** Facts about a failure for a program that reads the error. Default `code`: the name of the exit code. */
export interface FailureDetails {
  code?: string;
  /** Ids that may have been meant. */
  candidates?: readonly string[];
}

/** Ends a command with a message on stderr, unless the message is empty, and an exit code. */
export class CommandFailure extends Error {
  readonly exitCode: number;
  readonly details: FailureDetails;
  constructor(message: string, exitCode: number, details: FailureDetails = {}) {
    super(message);
    this.exitCode = exitCode;
    this.details = details;
  }
}
