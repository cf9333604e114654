import { deployed } from "../../authoring/deployed.ts";
import { registerClass } from "../../authoring/register-class.ts";
import * as errors from "../../protocol/error-classes.ts";
import { Reference } from "../../protocol/reference.ts";
import { task } from "./current-task.ts";

/** fantail's exports on an engine, by name. A function that is sent and uses fantail gets these. */
export const engineExports: Record<string, unknown> = { ...errors, Reference, deployed, registerClass, task };
