import { App } from "aws-cdk-lib";
import { SumsStack } from "./sums-stack.ts";

/**
 * A CDK app that contains a cluster.
 *
 *     npm run build && cd examples/cdk-app
 *     npx cdk bootstrap && npx cdk deploy              # to an AWS account
 *     npx cdk synth -q && npx fantail start --template cdk.out/Sums.template.json    # on this machine
 */
new SumsStack(new App(), "Sums");
