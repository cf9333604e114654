import { restartAfter } from "../e2e/a-restart.ts";

restartAfter("stopped", (cloud) => cloud.close());
