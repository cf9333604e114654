import type { CallChannel } from "./call-channel.ts";
import type { AccessDecision, Statement } from "./doors/access.ts";

/** Who may call the cloud, and by which statements. */
export interface Grantee {
  /** Of the session of a function's role, or of the client. */
  arn: string;
  /** `client`, or a function by its role in the cluster: `scheduler`, `report`, `engine`. */
  label: string;
  statements: Statement[];
}

/** A question that the cloud has decided. */
export interface AskedAccess {
  /** ARN of who asked. */
  by: string;
  /** As in `dynamodb:PutItem`. */
  action: string;
  /** ARN. */
  resource: string;
  decision: AccessDecision;
}

/** What callers of a running cloud may do, to be looked at and changed. For tests: the template is what decides. */
export class CloudAccess {
  readonly #channel: CallChannel;

  constructor(channel: CallChannel) {
    this.#channel = channel;
  }

  /** Everyone who may call, with the statements that hold now. */
  async grantees(): Promise<Grantee[]> {
    return (await this.#channel.call("grantees")) as Grantee[];
  }

  /** Puts other statements in the place of a caller's. They hold for every call that begins afterwards. */
  async setStatements(arn: string, statements: readonly Statement[]): Promise<void> {
    await this.#channel.call("setStatements", { arn, statements });
  }

  /** What was decided since this was last called, each question once; before the first call nothing is noted. */
  async asked(): Promise<AskedAccess[]> {
    return (await this.#channel.call("asked")) as AskedAccess[];
  }
}
