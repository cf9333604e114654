import { INSPECT } from "./inspection.ts";

/** Longest name of a pushed value, in characters. */
export const NAME_CHARS = 200;

/** @see Reference */
class NamedReference {
  readonly name: string;

  constructor(name: string) {
    if (typeof name !== "string" || name === "" || name.length > NAME_CHARS)
      throw new TypeError(`the name of a pushed value must be a string of 1 to ${NAME_CHARS} characters`);
    this.name = name;
  }

  /** The name, for `console.log`. */
  [INSPECT](): string {
    return `Reference { ${JSON.stringify(this.name)} }`;
  }
}

/**
 * Stands, among a task's arguments or as its function, for the value that a direct view has pushed under this name to
 * the engine on which the task runs. No such value there: the task fails, its error's `ename` is `NameError`.
 *
 * To TypeScript it has the type of what it stands for: `new Reference<number>("n")`, or without one what is wanted there.
 * That is two casts, since it is no such value: the engine puts that in its place.
 *
 * @throws TypeError for a name that is not 1 to 200 characters long
 * @example
 * await direct.push({ limit: 5 });
 * await direct.apply((x: number) => x * 2, new Reference("limit")); // 10 on each engine
 */
export const Reference = NamedReference as unknown as {
  /** @throws TypeError for a name that is empty or has more than 200 characters */
  new <T = never>(name: string): T;
};

/** The name that a reference holds; `undefined` for anything else. */
export function referredName(value: unknown): string | undefined {
  return value instanceof NamedReference ? value.name : undefined;
}
