import type { CallChannel } from "./call-channel.ts";
import type { AskedAccess, Grantee, Statement } from "./doors/access.ts";
import type { AccessVerbs } from "./doors/principals.ts";

type Verbs = AccessVerbs & { grantees(): Grantee[] };

/** What callers of a running cloud may do, to be looked at and changed. For tests: the template is what decides. */
export class CloudAccess {
  readonly #channel: Pick<CallChannel<Verbs>, "call">;

  constructor(channel: Pick<CallChannel<Verbs>, "call">) {
    this.#channel = channel;
  }

  /** Everyone who may call, with the statements that hold now. */
  async grantees(): Promise<Grantee[]> {
    return this.#channel.call("grantees");
  }

  /** Puts other statements in the place of a caller's. They hold for every call that begins afterwards. */
  async setStatements(arn: string, statements: readonly Statement[]): Promise<void> {
    await this.#channel.call("setStatements", { arn, statements });
  }

  /** What was decided since this was last called, each question once; before the first call nothing is noted. */
  async asked(): Promise<AskedAccess[]> {
    return this.#channel.call("asked");
  }
}
