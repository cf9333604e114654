import { ImageName } from "testcontainers";
import { CONTAINER_CACHE } from "./container-cache.ts";
import { anyEngine, type ContainerEngine, runningEngine } from "./container-engine.ts";
import { debianImage, type ImageRecipe } from "./debian-image.ts";

/** An image that can be started. */
export interface PreparedImage {
  engine: ContainerEngine;
  image: string;
}

/** Returns an engine, running or our own, with an image built here. Rejects with the reason if that fails. */
export async function builtImage(recipe: ImageRecipe): Promise<PreparedImage> {
  // Otherwise testcontainers would pull the image of its reaper.
  process.env.TESTCONTAINERS_RYUK_DISABLED = "true";
  const engine = await anyEngine(CONTAINER_CACHE);
  try {
    return { engine, image: await debianImage(engine.client, CONTAINER_CACHE, recipe) };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

/** Returns the running engine with a published image. Rejects with the reason if that fails. */
export async function pulledImage(name: string): Promise<PreparedImage> {
  const engine = await runningEngine();
  if (!engine) throw new Error("no container engine answers");
  const { image } = engine.client;
  const which = ImageName.fromString(name);
  if (!(await image.exists(which))) await image.pull(which);
  return { engine, image: name };
}
