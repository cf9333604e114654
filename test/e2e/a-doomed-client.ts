import { Client } from "../../client/index.ts";

/** A client that submits a map, prints its id, and is then killed by the test that started it. */
const client = await Client.connect({ urlFile: process.argv[2] ?? "" });
const results = client.loadBalancedView().map(
  (x: number) => new Promise<number>((resolve) => setTimeout(() => resolve(x * 2), 30)),
  Array.from({ length: 60 }, (_, index) => index),
);
await results.wait({ timeoutMs: 200 });
console.log(results.jobId);
await results;
