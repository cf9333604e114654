import type { Scheme } from "../core/placing/scheme.ts";

/** The user's own scheme. The construct replaces this file with the user's module if one is given. */
export const userScheme: Scheme | undefined = undefined;
