import { killedAtEachStep, killedInPartialReports } from "../scheduler/killed-at-each-step.ts";
import { ok } from "../simulation/a-job.ts";

killedAtEachStep("hwm 3", { hwm: 3, engines: 2 });
killedAtEachStep("adaptive", { engines: 2 });
killedInPartialReports("adaptive", { engines: 2 }, [
  ...Array.from({ length: 150 }, () => ok(1)),
  ...Array.from({ length: 12 }, () => ok(700)),
]);
