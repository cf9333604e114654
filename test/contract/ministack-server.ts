import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../free-port.ts";
import { ministackPython } from "./ministack-install.ts";

const START_MS = 60_000;
/** The program that runs MiniStack, with IAM enforced, until its stdin closes. */
export const MINISTACK_PROGRAM = fileURLToPath(new URL("run-ministack.py", import.meta.url));

export interface MinistackServer {
  endpoint: string;
  stop(): Promise<void>;
}

/**
 * Starts MiniStack on a free loopback port, with a folder of its own. Its log, which includes the output of functions,
 * goes to the file `FANTAIL_TEST_LOG`, if set.
 */
export async function startMinistack(): Promise<MinistackServer> {
  const folder = mkdtempSync(join(tmpdir(), "fantail-ministack-"));
  const port = await freePort();
  const child = spawn(ministackPython(), [MINISTACK_PROGRAM], {
    cwd: folder,
    // Its own process group, which the program ends itself.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
    env: environment(folder, port),
  });
  const ended = once(child, "exit");
  const log = createWriteStream(process.env.FANTAIL_TEST_LOG ?? join(folder, "ministack.log"));
  let last = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      log.write(text);
      last = (last + text).slice(-2_000);
    });
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
      ended.then(([code]) => Promise.reject(new Error(`MiniStack ended with ${code}:\n${last}`))),
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
    // Functions run with the `node` found first here: the one that runs the tests.
    PATH: [dirname(process.execPath), PATH].join(delimiter),
    HOME: folder,
    TMPDIR: folder,
    FANTAIL_TEST_FOLDER: folder,
    BIND_HOST: "127.0.0.1",
    GATEWAY_PORT: String(port),
    MINISTACK_HOST: "127.0.0.1",
    S3_DATA_DIR: join(folder, "s3"),
    SFTP_ENABLED: "0",
    // Functions have only the rights of their roles. The tests' key, `test`, is the account's root.
    AUTH: "true",
    PYTHONUNBUFFERED: "1",
    // Lambda does not warn about Node's age either.
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
