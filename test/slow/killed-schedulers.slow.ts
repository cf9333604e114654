import { killedAtEachStep } from "../scheduler/killed-at-each-step.ts";

killedAtEachStep("hwm 3", { hwm: 3, engines: 2 });
killedAtEachStep("adaptive", { engines: 2 });
