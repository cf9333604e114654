import { kill, restartAfter } from "../e2e/a-restart.ts";

restartAfter("killed with all its processes", kill);
restartAfter("stopped", (cloud) => cloud.close());
