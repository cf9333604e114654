import { contractSuite } from "./contract-suite.ts";
import { deployScenario } from "./deploy-scenario.ts";
import { exampleScenario } from "./example-scenario.ts";
import { ministackTarget } from "./ministack-target.ts";
import { optionsScenario } from "./options-scenario.ts";
import { startScenario } from "./start-scenario.ts";
import { tenantScenario } from "./tenant-scenario.ts";

await contractSuite(ministackTarget, (cluster) => {
  startScenario(cluster);
  exampleScenario(cluster);
  tenantScenario(cluster);
  optionsScenario(cluster);
  deployScenario(cluster);
});
