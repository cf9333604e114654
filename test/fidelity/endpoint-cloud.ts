import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { EMULATOR } from "../contract/endpoint-target.ts";
import { writeStack } from "../local/a-stack.ts";
import { deployStack } from "./deploy-stack.ts";
import type { FidelityCloud } from "./fidelity-cloud.ts";
import { probeStack } from "./probe-stack.ts";

/** Deploys the probe stack to a cloud with one endpoint for all services. */
export async function endpointCloud(endpoint: string, stop: () => Promise<void>): Promise<FidelityCloud> {
  const credentials = { accessKeyId: EMULATOR.env.AWS_ACCESS_KEY_ID, secretAccessKey: "test" };
  const common = { endpoint, region: EMULATOR.region, maxAttempts: 1 };
  const lambda = new LambdaClient({ ...common, credentials });
  const dynamodb = new DynamoDBClient({ ...common, credentials });
  const s3 = new S3Client({ ...common, credentials, forcePathStyle: true });
  const cloudFormation = new CloudFormationClient({ ...common, credentials });
  try {
    await deployStack(writeStack(probeStack()), { cloudFormation, dynamodb, lambda, s3 });
  } catch (error) {
    await stop();
    throw error;
  } finally {
    cloudFormation.destroy();
  }
  return {
    lambda,
    stranger: new LambdaClient({ ...common, credentials: { accessKeyId: "AKIANOBODY", secretAccessKey: "nothing" } }),
    dynamodb,
    s3,
    stop,
  };
}
