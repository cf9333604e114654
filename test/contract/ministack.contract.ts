import { contractSuite } from "./contract-suite.ts";
import { ministackTarget } from "./ministack-target.ts";
import { startScenario } from "./start-scenario.ts";

await contractSuite(ministackTarget, startScenario);
