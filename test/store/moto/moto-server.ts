import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "../../free-port.ts";
import { installPythonTool, pythonOf } from "../../python-tool.ts";

/**
 * LocalStack's edition of moto: AWS services in Python that share no code with ours. https://github.com/getmoto/moto,
 * Apache-2.0.
 */
const MOTO = "moto-ext==5.1.54";
const START_MS = 60_000;
const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Installs moto. Returns why it is unavailable; undefined once it is installed. */
export function motoMissing(): Promise<string | undefined> {
  return installPythonTool(MOTO, file("requirements.txt"));
}

/** Starts moto's services. They run until they are stopped or this process ends. */
export async function startMotoServer(): Promise<{ port: number; stop: () => Promise<void> }> {
  const port = await freePort();
  const child = spawn(pythonOf(MOTO), [file("moto_server.py"), String(port), "--until-stdin-closes"], {
    stdio: ["pipe", "ignore", "inherit"],
  });
  const ended = once(child, "exit");
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  try {
    await Promise.race([
      answers(`http://127.0.0.1:${port}/moto-api/data.json`),
      ended.then(([code]) => Promise.reject(new Error(`moto ended with ${code}`))),
    ]);
    return { port, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function answers(url: string): Promise<void> {
  for (const end = Date.now() + START_MS; ; await sleep(100)) {
    if ((await fetch(url).catch(() => undefined))?.ok) return;
    if (Date.now() > end) throw new Error(`${url} did not answer within ${START_MS / 1000} s`);
  }
}
