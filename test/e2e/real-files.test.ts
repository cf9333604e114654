import { describeCensus } from "./a-census.ts";

describeCensus(60, [
  { under: "node, compiled", files: 60, args: ["dist/examples/file-census.js", "--limit", "60"] },
  { under: "tsx", files: 40, args: ["--import", "tsx", "examples/file-census.ts", "--limit", "40"] },
]);
