import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import { onTestFinished } from "vitest";
import { s3ClientOf } from "./an-s3.ts";

const Port = v.object({ port: v.number() });
const Peak = v.object({ peakMb: v.number() });

/** Starts an S3 in its own process, after some shell code. */
export async function anS3(before = "") {
  const folder = mkdtempSync(join(tmpdir(), "fantail-s3-"));
  const file = fileURLToPath(new URL("s3-process.ts", import.meta.url));
  const words = ["-c", `${before} exec "$0" "$@"`, process.execPath, "--import", "tsx", file, folder];
  const child = spawn("sh", words, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
    rmSync(folder, { recursive: true, force: true });
  });
  const [started] = await once(child, "message");
  const { port } = v.parse(Port, started);
  const client = s3ClientOf(port);
  onTestFinished(() => client.destroy());
  const peakMb = async () => {
    child.send("peak");
    const [peak] = await once(child, "message");
    return v.parse(Peak, peak).peakMb;
  };
  return { client, port, peakMb, folder };
}
