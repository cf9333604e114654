import { INSPECT } from "./inspection.ts";
import { InvalidArgument } from "./invalid-argument.ts";

/** Maximum length of a pushed value's name, in characters. */
export const NAME_CHARS = 200;

/** @see Reference */
class NamedReference {
  readonly name: string;

  constructor(name: string) {
    if (typeof name !== "string" || name === "" || name.length > NAME_CHARS)
      throw new InvalidArgument(`the name of a pushed value must be a string of 1 to ${NAME_CHARS} characters`);
    this.name = name;
  }

  /** What `console.log` shows: the name. */
  [INSPECT](): string {
    return `Reference { ${JSON.stringify(this.name)} }`;
  }
}

/**
 * A placeholder for a pushed value, as an argument of a task or as its function. It is replaced by the value that a
 * direct view has pushed under this name to the engine on which the task runs. If nothing was pushed, the task fails
 * with an error whose `ename` is `NameError`.
 *
 * For TypeScript, the placeholder has the type of the pushed value: the one that you give, as in
 * `new Reference<number>("n")`, or the one that the context requires.
 *
 * @throws TypeError for a name that is not 1 to 200 characters long
 * @example await direct.push({ limit: 5 }); await direct.apply((x: number) => x * 2, new Reference("limit")); // 10 on
 *   each engine
 */
export const Reference = NamedReference as unknown as {
  // Two casts, because only the engine replaces the placeholder.
  /** @throws TypeError for a name that is empty or has more than 200 characters */
  new <T = never>(name: string): T;
};

/** The name of a reference; `undefined` for anything else. */
export function referredName(value: unknown): string | undefined {
  return value instanceof NamedReference ? value.name : undefined;
}
