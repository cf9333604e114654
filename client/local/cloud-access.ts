import type { CallChannel } from "./processes/call-channel.ts";
import type { AskedAccess, Grantee, Statement } from "./requests/access.ts";
import type { AccessVerbs } from "./requests/principals.ts";

type Verbs = AccessVerbs & { grantees(): Grantee[] };

/** Reads and changes the permissions of callers in a running cloud. For tests: normally the template defines them. */
export class CloudAccess {
  readonly #channel: Pick<CallChannel<Verbs>, "call">;

  constructor(channel: Pick<CallChannel<Verbs>, "call">) {
    this.#channel = channel;
  }

  /** Returns every caller with its current policy statements. */
  async grantees(): Promise<Grantee[]> {
    return this.#channel.call("grantees");
  }

  /** Replaces the statements of one caller, for every call that begins afterwards. */
  async setStatements(arn: string, statements: readonly Statement[]): Promise<void> {
    await this.#channel.call("setStatements", { arn, statements });
  }

  /**
   * Returns the distinct access decisions since the last call of `asked`. The first call returns none and starts the
   * recording.
   */
  async asked(): Promise<AskedAccess[]> {
    return this.#channel.call("asked");
  }
}
