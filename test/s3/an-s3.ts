import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { Principals } from "../../client/local/requests/principals.ts";

const KEYS = { accessKeyId: "AKTEST", secretAccessKey: "secret" };

/** Returns a single caller who may do everything. */
export function everyone(): Principals {
  const statements = [{ effect: "Allow" as const, actions: ["*"], resources: ["*"] }];
  return new Principals([{ ...KEYS, label: "client", arn: "arn:aws:iam::000000000000:user/client", statements }]);
}

/** Returns a client of a server on this machine, with the SDK's default settings but without retries. */
export function s3ClientOf(port: number, settings: S3ClientConfig = {}): S3Client {
  const endpoint = `http://127.0.0.1:${port}`;
  return new S3Client({
    endpoint,
    region: "us-east-1",
    credentials: { ...KEYS },
    maxAttempts: 1,
    forcePathStyle: true,
    ...settings,
  });
}
