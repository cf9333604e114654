import type { Scheme } from "../core/placing/scheme.ts";

/** The user's own scheme. The construct puts the user's module in this file's place when it is given one. */
export const userScheme: Scheme | undefined = undefined;
