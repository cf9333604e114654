export { runTask } from "./peer-task.ts";
