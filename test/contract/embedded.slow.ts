import { contractSuite } from "./contract-suite.ts";
import { embeddedTarget } from "./embedded-target.ts";

await contractSuite(embeddedTarget);
