import { describe } from "vitest";
import { MemoryStore } from "../simulation/memory-store.ts";
import { storeContract } from "./store-contract.ts";

describe("the store in memory", () => {
  const store = new MemoryStore();
  storeContract(() => store);
});
