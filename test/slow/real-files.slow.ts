import { describeCensus } from "../e2e/a-census.ts";

describeCensus(2000, [
  { under: "node, compiled", files: 2000, args: ["dist/examples/file-census.js"] },
  // Shipped as the same functions are from other text: fewer files show it.
  { under: "tsx", files: 300, args: ["--import", "tsx", "examples/file-census.ts", "--limit", "300"] },
]);
