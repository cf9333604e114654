import { CreateBucketCommand, type S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe } from "vitest";
import { motoMissing, startMotoServer } from "../store/moto/moto-server.ts";
import { s3ClientOf } from "./an-s3.ts";
import { motoDepartures } from "./moto-departures.ts";
import { s3Contract } from "./s3-contract.ts";

/** Tests whether the contract is more than our own reading of S3, by running it on an independent emulator. */

const Bucket = "a-bucket";
const missing = await motoMissing();
if (missing !== undefined) console.warn(`\nSKIPPED: the contract of S3 on moto: ${missing}\n`);

describe.skipIf(missing !== undefined)("moto's S3", { timeout: 120_000 }, () => {
  let moto: Awaited<ReturnType<typeof startMotoServer>> | undefined;
  let client: S3Client | undefined;

  beforeAll(async () => {
    moto = await startMotoServer();
    client = s3ClientOf(moto.port);
    await client.send(new CreateBucketCommand({ Bucket }));
  }, 120_000);

  afterAll(async () => {
    client?.destroy();
    await moto?.stop();
  }, 60_000);

  const started = () => {
    if (!client) throw new Error("moto has not started");
    return client;
  };
  s3Contract({ bucket: Bucket, client: started }, motoDepartures);
});
