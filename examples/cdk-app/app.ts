import { App } from "aws-cdk-lib";
import { SumsStack } from "./sums-stack.ts";

/**
 * An app of a user's own that holds a cluster.
 *
 *     npm run build && cd examples/cdk-app
 *     npx cdk bootstrap && npx cdk deploy              # to an AWS account
 *     npx cdk synth -q && npx fantail start --template cdk.out/Sums.template.json    # to this machine
 */
new SumsStack(new App(), "Sums");
