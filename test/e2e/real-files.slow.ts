import { describePrograms } from "./a-census.ts";

// `test/slow/real-files.slow.ts` counts more files, also under tsx, and in a map of vitest's process.
describePrograms([{ under: "node, compiled", files: 50, args: ["dist/examples/file-census.js", "--limit", "50"] }]);
