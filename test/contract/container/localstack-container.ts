import { homedir } from "node:os";
import { join } from "node:path";
import type { LocalstackContainer, StartedLocalStackContainer } from "@testcontainers/localstack";
import { ImageName, Network, Wait } from "testcontainers";
import { MINISTACK_PROGRAM } from "../ministack-server.ts";
import { anyEngine, type ContainerEngine, runningEngine } from "./container-engine.ts";
import { localImage } from "./local-image.ts";
import { LoopbackLocalstack } from "./loopback-localstack.ts";

/** Later tags want an account. */
const LAST_FREE_TAG = "localstack/localstack:4.14.0";
/** The image to start, or `local` for one that is built here and pulled from nowhere. */
const WANTED = process.env.FANTAIL_LOCALSTACK_IMAGE ?? LAST_FREE_TAG;
const IS_LOCAL = WANTED === "local";
/** Images and programs that outlive a run: some 700 MB where both an engine and an image are made here. */
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "fantail", "container");

/** Claims that functions are held to their roles: LocalStack's free image takes every call. */
export const ENFORCES_POLICIES = IS_LOCAL;

/** What is started, for messages. */
export const LOCALSTACK = `LocalStack in a container (${IS_LOCAL ? "the local image" : WANTED})`;

/** Why it cannot be had here; undefined: it can. Looking for it builds the local image, if that is wanted. */
export async function localstackMissing(): Promise<string | undefined> {
  try {
    await prepared();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Starts LocalStack, or the image that stands in for it, and waits until it answers. */
export async function startLocalstack(): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  const { engine, image } = await prepared();
  const { container, remove } = await startContainer(engine, image);
  return {
    endpoint: container.getConnectionUri(),
    stop: async () => {
      await remove();
      await engine.stop();
    },
  };
}

interface Prepared {
  engine: ContainerEngine;
  image: string;
}

let preparing: Promise<Prepared> | undefined;

/** The engine with the image, once. Rejects with why they cannot be had. */
function prepared(): Promise<Prepared> {
  preparing ??= IS_LOCAL ? prepareLocal() : preparePulled();
  return preparing;
}

async function prepareLocal(): Promise<Prepared> {
  // Else testcontainers would pull the image of its reaper.
  process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
  const engine = await anyEngine(CACHE);
  try {
    return { engine, image: await localImage(engine.client, CACHE) };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

async function preparePulled(): Promise<Prepared> {
  const engine = await runningEngine();
  if (!engine) {
    throw new Error("no container engine answers (FANTAIL_LOCALSTACK_IMAGE=local starts one, and builds an image)");
  }
  const { image } = engine.client;
  const name = ImageName.fromString(WANTED);
  if (!(await image.exists(name))) await image.pull(name);
  return { engine, image: WANTED };
}

/** Starts the container with what LocalStack needs to run functions: the engine, and a network that they share with it. */
async function startContainer(
  { client }: ContainerEngine,
  image: string,
): Promise<{ container: StartedLocalStackContainer; remove: () => Promise<void> }> {
  const network = await new Network().start();
  const { host, remoteSocketPath: socket } = client.info.containerRuntime;
  try {
    const container = await (IS_LOCAL ? localContainer(image, host) : new LoopbackLocalstack(image, host))
      .withNetwork(network)
      .withBindMounts(IS_LOCAL ? [] : [{ source: socket, target: "/var/run/docker.sock" }])
      .withEnvironment({
        LAMBDA_DOCKER_NETWORK: network.getName(),
        // Seconds. The first start of a function pulls the image of its runtime.
        LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT: "180",
        // Seconds before an event that failed is tried again: AWS takes a minute.
        LAMBDA_RETRY_BASE_DELAY: "1",
        LAMBDA_ASYNC_RETRY_BASE_SECONDS: "1",
        LAMBDA_IGNORE_ARCHITECTURE: "1",
      })
      // The log says that it is ready a moment before the port is open.
      .withWaitStrategy(Wait.forAll([Wait.forLogMessage("Ready", 1), Wait.forHttp("/_localstack/health", 4566)]))
      .start();
    return {
      container,
      remove: async () => {
        await container.stop({ timeout: 0 });
        await network.stop();
      },
    };
  } catch (error) {
    await network.stop();
    throw error;
  }
}

/** MiniStack's container, started as it is without one: with IAM enforced, for as long as its stdin is open. */
function localContainer(image: string, host: string): LocalstackContainer {
  return new LoopbackLocalstack(image, host)
    .withCopyFilesToContainer([{ source: MINISTACK_PROGRAM, target: "/run-ministack.py" }])
    .withEnvironment({ AUTH: "true", SFTP_ENABLED: "0", PYTHONUNBUFFERED: "1" })
    .withEntrypoint(["sh", "-c", "trap exit TERM; tail -f /dev/null | python3 /run-ministack.py & wait"]);
}
