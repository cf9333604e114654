import { homedir } from "node:os";
import { join } from "node:path";

/** Images and programs kept between runs: about 1.5 GB if both an engine and images are built here. */
export const CONTAINER_CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "fantail", "container");
