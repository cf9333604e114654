import { describeCensus, describePrograms } from "../e2e/a-census.ts";

describeCensus(2000);

describePrograms([
  { under: "node, compiled", files: 2000, args: ["dist/examples/file-census.js"] },
  // Under tsx the same functions have other text, so fewer files suffice.
  { under: "tsx", files: 300, args: ["--import", "tsx", "examples/file-census.ts", "--limit", "300"] },
]);
