import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { Principals } from "../../client/local/requests/principals.ts";

const KEYS = { accessKeyId: "AKTEST", secretAccessKey: "secret" };

/** One caller, who may do everything. */
export function everyone(): Principals {
  const statements = [{ effect: "Allow" as const, actions: ["*"], resources: ["*"] }];
  return new Principals([{ ...KEYS, label: "client", arn: "arn:aws:iam::000000000000:user/client", statements }]);
}

/** A client of a server on this machine, as the SDK is by default, but without retries. */
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
