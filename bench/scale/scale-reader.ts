import { Client } from "../../client/index.ts";

/**
 * Reads a job by its id as its results arrive, prints their sum, and ends with its stdin. Arguments: the connection
 * file, the job's id.
 */
const [urlFile = "", jobId = ""] = process.argv.slice(2);
const client = await Client.connect({ urlFile });
let sum = 0;
for await (const value of client.getResult<number[]>(jobId)) sum += Number(value);
console.log(sum);
for await (const _ of process.stdin);
await client.close();
