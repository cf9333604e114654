import { describe } from "vitest";
import { comparesThreads, THREAD_CASES } from "./ends-in-a-thread.ts";

describe("a function ends in a thread as in a process, when it", { timeout: 60_000 }, () => {
  comparesThreads(THREAD_CASES);
});
