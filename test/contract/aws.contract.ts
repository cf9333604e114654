import { awsTarget } from "./aws-target.ts";
import { contractSuite } from "./contract-suite.ts";

await contractSuite(awsTarget);
