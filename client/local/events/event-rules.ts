import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import * as v from "valibot";
import type { LambdaService } from "../lambda/lambda-service.ts";
import type { RuleSpec } from "../stack/deployment.ts";

const Kept = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.boolean()));

export interface EventRulesParts {
  rules: readonly RuleSpec[];
  service: Pick<LambdaService, "find">;
  /** Overrides each rule's rate, in milliseconds, so that tests need not wait for minutes. */
  everyMs?: number | undefined;
  /**
   * File that records which rules were enabled or disabled, for a later cloud on the same data. Default: not recorded.
   */
  file?: string | undefined;
}

/**
 * The template's rules. While a rule is enabled, it sends each of its targets that target's input, at the rule's rate.
 */
export class EventRules {
  readonly #parts: EventRulesParts;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #switched: Record<string, boolean>;

  constructor(parts: EventRulesParts) {
    this.#parts = parts;
    const { file } = parts;
    this.#switched = file !== undefined && existsSync(file) ? v.parse(Kept, readFileSync(file, "utf8")) : {};
    for (const { name, isEnabled } of parts.rules) if (this.#switched[name] ?? isEnabled) this.#start(name);
  }

  all(): { name: string; arn: string; isEnabled: boolean }[] {
    return this.#parts.rules.map(({ name, arn }) => ({ name, arn, isEnabled: this.#timers.has(name) }));
  }

  find(name: string): RuleSpec | undefined {
    return this.#parts.rules.find((rule) => rule.name === name);
  }

  /** Enables or disables a rule. A rule that is already enabled keeps its timer. */
  switch(name: string, isEnabled: boolean): void {
    if (isEnabled) this.#start(name);
    else this.#stop(name);
    this.#switched[name] = isEnabled;
    const { file } = this.#parts;
    if (file !== undefined) writeFileSync(file, JSON.stringify(this.#switched), { mode: 0o600 });
  }

  /** Stops the timers of all rules, without recording them as disabled. */
  close(): void {
    for (const name of this.#timers.keys()) this.#stop(name);
  }

  #start(name: string): void {
    const rule = this.find(name);
    if (!rule || this.#timers.has(name)) return;
    this.#timers.set(name, setInterval(() => this.#fire(rule), this.#parts.everyMs ?? rule.everyMs).unref());
  }

  #stop(name: string): void {
    clearInterval(this.#timers.get(name));
    this.#timers.delete(name);
  }

  #fire({ targets }: RuleSpec): void {
    for (const { functionArn, input } of targets)
      this.#parts.service
        .find(functionArn)
        ?.accept(
          { payload: Buffer.from(input ?? "{}"), trace: undefined, tenant: undefined, clientContext: undefined },
          randomUUID(),
        );
  }
}
