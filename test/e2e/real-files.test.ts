import { describeCensus } from "./a-census.ts";

describeCensus(300, [
  { under: "node, compiled", files: 300, args: ["dist/examples/file-census.js", "--limit", "300"] },
]);
