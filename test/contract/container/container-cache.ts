import { homedir } from "node:os";
import { join } from "node:path";

/** Images and programs that outlive a run: some 1.5 GB where both an engine and images are made here. */
export const CONTAINER_CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "fantail", "container");
