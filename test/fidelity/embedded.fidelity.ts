import { embeddedTarget } from "./embedded-target.ts";
import { fidelitySuite } from "./fidelity-suite.ts";

await fidelitySuite(embeddedTarget);
