import type { Cloud } from "../../client/local/cloud.ts";
import type { AskedAccess, Grantee } from "../../client/local/index.ts";
import { covers, describeRight, type Right, rightsOf, without } from "./rights.ts";

/**
 * Shows of each right that something fails without it. A flow is gone through step by step: first as it is, to see which
 * rights each step uses; then each step is tried without one of them after the other, must fail by exactly that refusal, and is
 * done at last with all of them.
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

  /** Begins with all rights that anyone has now. */
  static async begin(cloud: Cloud): Promise<Proof> {
    await cloud.access.asked();
    return new Proof(cloud, await cloud.access.grantees());
  }

  /** Rights whose loss nothing has shown, in words. */
  get unproved(): string[] {
    return [...this.#unproved].map(describeRight);
  }

  /** Unproved rights to such actions, whole statements that hold one among them. */
  pending(actions: RegExp): Right[] {
    return [...this.#unproved].filter(({ by, statement, action }) => {
      const { actions: granted = [] } = this.#grantees.find(({ arn }) => arn === by)?.statements[statement] ?? {};
      return (action === undefined ? granted : [action]).some((one) => actions.test(one));
    });
  }

  /**
   * One step of a flow: rejects where it fails. Messages are idempotent, so that it can be tried again.
   *
   * @param name the same in each round
   * @param mayLack of which rights it tells at once that they are lacking; those of others may leave it waiting
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
      // An engine that could not be started, say, fails no message: the log tells, and a sweep tries again.
      if (logged) this.prove(right, `${name}: ${logged.slice(0, 150)}`);
      // Otherwise it was done without, this time: it remembered what it had asked for before. Some other round or step will tell.
      return done as T;
    }
    await this.#cloud.access.asked();
    const done = await run();
    this.#used.set(name, [...used, ...(await this.#cloud.access.asked())]);
    return done;
  }

  /**
   * Does something while a caller lacks a right. Throws when it fails by anything but the refusal.
   *
   * @returns what was done, and where the caller's log told of the refusal its line; or how it failed
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
