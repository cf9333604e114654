import { fidelitySuite } from "./fidelity-suite.ts";
import { localstackTarget } from "./localstack-target.ts";

await fidelitySuite(localstackTarget);
