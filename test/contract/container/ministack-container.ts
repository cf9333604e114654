import { Wait } from "testcontainers";
import { MINISTACK_PROGRAM } from "../ministack-server.ts";
import { LoopbackLocalstack } from "./loopback-localstack.ts";
import { ministackImage } from "./ministack-image.ts";
import { builtImage, type PreparedImage } from "./prepared-image.ts";

let preparing: Promise<PreparedImage> | undefined;

/** Returns why the container is unavailable here; undefined if it is available. Builds the image to find out. */
export async function ministackContainerMissing(): Promise<string | undefined> {
  preparing ??= builtImage(ministackImage);
  try {
    await preparing;
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Starts MiniStack's container with IAM enforced, as without one. It runs while its stdin is open. */
export async function startMinistackContainer(): Promise<{ endpoint: string; stop: () => Promise<void> }> {
  preparing ??= builtImage(ministackImage);
  const { engine, image } = await preparing;
  try {
    const container = await new LoopbackLocalstack(image, engine.client.info.containerRuntime.host)
      .withCopyFilesToContainer([{ source: MINISTACK_PROGRAM, target: "/run-ministack.py" }])
      .withEnvironment({
        AUTH: "true",
        SFTP_ENABLED: "0",
        PYTHONUNBUFFERED: "1",
        LAMBDA_ASYNC_RETRY_BASE_SECONDS: "1",
      })
      .withEntrypoint(["sh", "-c", "trap exit TERM; tail -f /dev/null | python3 /run-ministack.py & wait"])
      .withWaitStrategy(Wait.forAll([Wait.forLogMessage("Ready", 1), Wait.forHttp("/_localstack/health", 4566)]))
      .start();
    return {
      endpoint: container.getConnectionUri(),
      stop: async () => {
        await container.stop({ timeout: 0 });
        await engine.stop();
      },
    };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}
