import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ministackPython } from "./ministack-install.ts";

const START_MS = 60_000;

/**
 * Starts MiniStack, and kills its whole process group once its stdin closes: that is when it is stopped, and when its
 * owner dies, however that happens. Its Lambda environments are processes of the group.
 */
const UNDER_OWNER = `
import os, signal, sys, threading
def watch():
    sys.stdin.read()
    os.killpg(0, signal.SIGKILL)
threading.Thread(target=watch, daemon=True).start()
from ministack.app import main
sys.argv = ["ministack"]
main()
`;

export interface MinistackServer {
  endpoint: string;
  stop(): Promise<void>;
}

/** Starts MiniStack on a free port of the loopback, with a folder of its own for all that it writes. */
export async function startMinistack(): Promise<MinistackServer> {
  const folder = mkdtempSync(join(tmpdir(), "fantail-ministack-"));
  const port = await freePort();
  const child = spawn(ministackPython(), ["-c", UNDER_OWNER], {
    cwd: folder,
    // The group that UNDER_OWNER ends.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: environment(folder, port),
  });
  const ended = once(child, "exit");
  const log = createWriteStream(process.env.FANTAIL_TEST_LOG ?? join(folder, "ministack.log"));
  for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false });
  const stop = async () => {
    child.stdin.end();
    await ended;
    log.end();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await Promise.race([
      answers(`${endpoint}/_ministack/health`),
      ended.then(([code]) => Promise.reject(new Error(`MiniStack ended with ${code}`))),
    ]);
    return { endpoint, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function environment(folder: string, port: number): NodeJS.ProcessEnv {
  const { PATH = "" } = process.env;
  return {
    // Functions run under `node` as found here: the one that runs the tests.
    PATH: [dirname(process.execPath), PATH].join(delimiter),
    HOME: folder,
    TMPDIR: folder,
    BIND_HOST: "127.0.0.1",
    GATEWAY_PORT: String(port),
    MINISTACK_HOST: "127.0.0.1",
    S3_DATA_DIR: join(folder, "s3"),
    SFTP_ENABLED: "0",
    PYTHONUNBUFFERED: "1",
    // Lambda says nothing of Node's age either.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
  };
}

async function answers(url: string): Promise<void> {
  for (const end = Date.now() + START_MS; ; await sleep(100)) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    if (Date.now() > end) throw new Error(`${url} did not answer within ${START_MS / 1000} s`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
