import type { ReportEndpoint } from "../../lambdas/adapters/report-endpoint.ts";
import { type EngineAnswer, parseEngineAnswer } from "../../lambdas/protocol/engine-answer.ts";
import type { CodeUnit } from "../../lambdas/protocol/function-reference.ts";
import type { Grant } from "../../lambdas/protocol/grant.ts";
import type { EngineMessage, ReportedEntry } from "../../lambdas/protocol/report-messages.ts";

type Message<Type extends EngineMessage["type"]> = EngineMessage & { type: Type };
type Script = {
  [Type in EngineMessage["type"]]?: (message: Message<Type>) => EngineAnswer | undefined | Promise<EngineAnswer>;
};

/**
 * The cluster's side of the protocol when nothing goes wrong: grants its leases in turn, and answers partial reports
 * with the next number. A script may answer some messages instead.
 */
export class ScriptedEndpoint implements ReportEndpoint {
  readonly messages: EngineMessage[] = [];
  readonly #leases: Grant[];
  readonly #script: Script;
  readonly #units: CodeUnit[];

  constructor(leases: Grant[], script: Script = {}, units: CodeUnit[] = []) {
    this.#leases = [...leases];
    this.#script = script;
    this.#units = units;
  }

  async send(message: EngineMessage): Promise<EngineAnswer> {
    // Copy the message as if it were sent: the engine continues to use the original.
    const sent = JSON.parse(JSON.stringify(message)) as EngineMessage;
    this.messages.push(sent);
    const answer = this.#script[message.type] as ((message: EngineMessage) => EngineAnswer | undefined) | undefined;
    const given = (await answer?.(sent)) ?? this.#answer(message);
    return parseEngineAnswer(JSON.parse(JSON.stringify(given)));
  }

  #answer(message: EngineMessage): EngineAnswer {
    switch (message.type) {
      case "begin": {
        const grant = this.#leases.shift();
        return grant ? { type: "began", grant } : { type: "began" };
      }
      case "heartbeat":
        return { type: "alive", aborting: [] };
      case "fetch":
        return { type: "units", units: this.#units.filter(({ hash }) => message.units.includes(hash)) };
      case "next":
        return { type: "idle" };
      case "settle":
        return { type: "settled" };
      case "ask":
        return { type: "asked", answer: { type: "ok" } };
      case "read":
        return message.pages ? { type: "pages", pages: [], more: false } : { type: "row" };
      case "park": {
        const grant = this.#leases.shift();
        return grant
          ? { type: "lease", grant: { ...grant, seq: message.seq + 1 } }
          : { type: "waiting", seq: message.seq + 1 };
      }
      case "report": {
        if (message.running.length > 0) return { type: "continue", seq: message.seq + 1 };
        const grant = message.leaving ? undefined : this.#leases.shift();
        return grant ? { type: "lease", grant: { ...grant, seq: message.seq + 1 } } : { type: "idle" };
      }
    }
  }

  of<Type extends EngineMessage["type"]>(type: Type): Message<Type>[] {
    return this.messages.filter((message): message is Message<Type> => message.type === type);
  }

  /** Returns everything that was reported, by task. */
  entries(): Map<number, ReportedEntry> {
    return new Map(this.of("report").flatMap(({ entries }) => entries.map((entry) => [entry.index, entry])));
  }

  returned(): number[] {
    return this.of("report").flatMap(({ returned }) => returned);
  }
}
