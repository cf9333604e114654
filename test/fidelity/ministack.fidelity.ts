import { fidelitySuite } from "./fidelity-suite.ts";
import { ministackTarget } from "./ministack-target.ts";

await fidelitySuite(ministackTarget);
