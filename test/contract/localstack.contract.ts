import { contractSuite } from "./contract-suite.ts";
import { endpointTarget } from "./endpoint-target.ts";
import { localstackTarget } from "./localstack-target.ts";
import { startScenario } from "./start-scenario.ts";

await contractSuite(process.env.FANTAIL_TEST_ENDPOINT === undefined ? localstackTarget : endpointTarget, startScenario);
