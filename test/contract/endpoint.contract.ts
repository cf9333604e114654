import { contractSuite } from "./contract-suite.ts";
import { endpointTarget } from "./endpoint-target.ts";

await contractSuite(endpointTarget);
