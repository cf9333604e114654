import { TestCluster } from "./a-cluster.ts";
import { dependencyEnds } from "./dependency-ends.ts";

dependencyEnds(new TestCluster(), [
  ["all of successes", { all: true }, ["ok", "ok"], "ok"],
  ["all, one fails, by both", { all: true, failure: true }, ["ok", "bad"], "ok"],
  ["any, all fail", { all: false }, ["bad", "bad"], "ImpossibleDependency"],
  ["all by failure, all fail", { all: true, success: false, failure: true }, ["bad", "bad"], "ok"],
  ["any by failure, none fails", { all: false, success: false, failure: true }, ["ok", "ok"], "ImpossibleDependency"],
]);
