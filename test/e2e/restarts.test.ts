import { kill, restartAfter } from "./a-restart.ts";

restartAfter("killed with all its processes", kill);
