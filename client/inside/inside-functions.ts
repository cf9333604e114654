/**
 * The exports of `fantail-lambda` and `fantail-lambda/task` inside the bundled module of deployed functions: the parts
 * that are useful on an engine.
 */

export { deployed, type FunctionsOf } from "../../lambdas/authoring/deployed.ts";
export { type ClassOptions, registerClass } from "../../lambdas/authoring/register-class.ts";
export * from "../../lambdas/protocol/error-classes.ts";
export { Reference } from "../../lambdas/protocol/reference.ts";
export { type TaskContext, task } from "../task.ts";
export { depend, dependent, requires } from "../views/requires.ts";
