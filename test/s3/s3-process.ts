import { startS3 } from "../../client/local/s3/start-s3.ts";
import { everyone } from "./an-s3.ts";

/**
 * An S3 in its own process, to be limited and measured. Sends its port and, on request, its peak memory to the parent.
 */

const { port } = await startS3({ blobsFolder: process.argv[2] ?? "", buckets: ["a-bucket"], principals: everyone() });
process.send?.({ port });
process.on("message", () => process.send?.({ peakMb: process.resourceUsage().maxRSS / 1024 }));
process.on("disconnect", () => process.exit());
