import { test } from "vitest";
import { LOG_EVENTS } from "../../lambdas/protocol/log-events.ts";
import { ENGINE_METRICS, type MetricTable, PASS_METRICS } from "../../lambdas/protocol/metric-names.ts";
import { expectGeneratedPart } from "./generated-part.ts";

test("the table of log events matches the code", () => {
  const rows = Object.entries(LOG_EVENTS).map(
    ([event, [level, meaning]]) => `| \`${event}\` | ${level} | ${meaning} |`,
  );
  expectGeneratedPart(
    "docs/troubleshooting.md",
    "log events",
    ["| event | level | means |", "| --- | --- | --- |", ...rows].join("\n"),
  );
});

test("the table of metrics matches the code", () => {
  const rows = (dimension: string, table: MetricTable) =>
    Object.entries(table).map(([name, [unit, meaning]]) => `| \`${name}\` | ${dimension} | ${unit} | ${meaning} |`);
  const head = ["| metric | dimension | unit | counts |", "| --- | --- | --- | --- |"];
  const text = [...head, ...rows("`Function`", PASS_METRICS), ...rows("`Pool`", ENGINE_METRICS)].join("\n");
  expectGeneratedPart("docs/deploying.md", "metrics", text);
});
