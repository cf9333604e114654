import type { Cloud } from "../../client/local/cloud.ts";
import type { AskedAccess, Grantee } from "../../client/local/index.ts";
import { covers, describeRight, type Right, rightsOf, without } from "./rights.ts";

/**
 * Shows that something fails without each right. The first round runs a flow step by step and records which rights each
 * step uses. In later rounds, each step is first tried without one right after another, must fail with exactly that
 * refusal, and is then run with all rights.
 */
export class Proof {
  readonly #cloud: Cloud;
  readonly #grantees: readonly Grantee[];
  readonly #unproved: Set<Right>;
  readonly #used = new Map<string, AskedAccess[]>();
  /** How each right was shown to be needed. */
  readonly shown: string[] = [];

  private constructor(cloud: Cloud, grantees: readonly Grantee[]) {
    this.#cloud = cloud;
    this.#grantees = grantees;
    this.#unproved = new Set(rightsOf(grantees));
  }

  /** Starts with the rights that everyone has now. */
  static async begin(cloud: Cloud): Promise<Proof> {
    await cloud.access.asked();
    return new Proof(cloud, await cloud.access.grantees());
  }

  /** Returns the rights that are not yet shown to be needed, in words. */
  get unproved(): string[] {
    return [...this.#unproved].map(describeRight);
  }

  /** Returns the unproved rights to matching actions, including whole statements that contain one. */
  pending(actions: RegExp): Right[] {
    return [...this.#unproved].filter(({ by, statement, action }) => {
      const { actions: granted = [] } = this.#grantees.find(({ arn }) => arn === by)?.statements[statement] ?? {};
      return (action === undefined ? granted : [action]).some((one) => actions.test(one));
    });
  }

  /**
   * Runs one step of a flow. Rejects if it fails. Messages are idempotent, so a step can be repeated.
   *
   * @param name the same in each round
   * @param mayLack whether the step fails at once without this right; without others it might wait
   */
  async step<T>(name: string, run: () => Promise<T>, mayLack = (_: Right) => true): Promise<T> {
    const used = this.#used.get(name) ?? [];
    for (const right of this.#unproved) {
      if (!mayLack(right) || !used.some((asked) => covers(right, asked, this.#grantees))) continue;
      const { done, failure, logged } = await this.lacking(right, run);
      if (failure) {
        this.prove(right, `${name}: ${failure.message.slice(0, 150)}`);
        continue;
      }
      // If an engine could not be started, for example, no message fails: the log says so, and a sweep tries again.
      if (logged) this.prove(right, `${name}: ${logged.slice(0, 150)}`);
      // Otherwise the step succeeded without the right, because of a cache. Another round or step will show the need.
      return done as T;
    }
    await this.#cloud.access.asked();
    const done = await run();
    this.#used.set(name, [...used, ...(await this.#cloud.access.asked())]);
    return done;
  }

  /**
   * Runs something while a caller lacks a right. Throws if it fails for another reason.
   *
   * @returns the result, and the line of the caller's log about the refusal, if any; or the failure
   */
  async lacking<T>(right: Right, run: () => Promise<T>): Promise<{ done?: T; failure?: Error; logged?: string }> {
    const { access } = this.#cloud;
    const before = this.#grantees.find(({ arn }) => arn === right.by)?.statements ?? [];
    await access.setStatements(right.by, without(before, right));
    await access.asked();
    const logBefore = await this.#cloud.logs(right.label);
    try {
      const done = await run();
      const refusal = await this.#refusalOf(right);
      if (!refusal) return { done };
      const log = (await this.#cloud.logs(right.label)).slice(logBefore.length);
      const words = `is not authorized to perform: ${refusal.action} on resource: ${refusal.resource}`;
      const logged = log.split("\n").find((line) => line.includes(words));
      return { done, ...(logged === undefined ? {} : { logged }) };
    } catch (failure) {
      if (!(await this.#refusalOf(right)))
        throw new Error(`without ${describeRight(right)} it failed, but was not refused that`, { cause: failure });
      return { failure: failure as Error };
    } finally {
      await access.setStatements(right.by, before);
    }
  }

  prove(right: Right, how: string): void {
    this.#unproved.delete(right);
    this.shown.push(`${describeRight(right)} ← ${how}`);
  }

  async #refusalOf(right: Right): Promise<AskedAccess | undefined> {
    const asked = await this.#cloud.access.asked();
    return asked.find((one) => one.decision !== "allowed" && covers(right, one, this.#grantees));
  }
}
