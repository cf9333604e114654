import * as errors from "../protocol/errors.ts";
import { Reference } from "../protocol/reference.ts";
import { registerClass } from "../protocol/register-class.ts";
import { deployed } from "./deployed.ts";
import { task } from "./task-context.ts";

/** What fantail's own exports are on an engine, by name: a shipped function that uses them gets these. */
export const engineExports: Record<string, unknown> = { ...errors, Reference, deployed, registerClass, task };
