import { serveOwner } from "../../client/local/processes/call-channel.ts";

/** The verbs of a thread that a test starts. */
export type ThreadVerbs = {
  double(value: number): number;
  refuse(): void;
  /** Never answers. */
  wait(): void;
  throwLater(): void;
  exit(code: number): void;
};

serveOwner({
  double: (value: number) => value * 2,
  refuse: () => {
    throw new Error("not today");
  },
  wait: () => new Promise(() => {}),
  throwLater: () => {
    setImmediate(() => {
      throw new RangeError("the table is full");
    });
    return new Promise(() => {});
  },
  exit: (code: number) => process.exit(code),
});
