/** dynalite ships no types. These declarations cover the parts that we use. */

interface DynaliteOptions {
  /** Folder for the data; undefined: memory. */
  path?: string | undefined;
  createTableMs: number;
  deleteTableMs: number;
  updateTableMs: number;
}

declare module "dynalite" {
  const dynalite: (options: DynaliteOptions) => import("node:http").Server;
  export = dynalite;
}

/** The module in which dynalite creates its database. */
declare module "dynalite/db/index.js" {
  const databases: { create: (options: DynaliteOptions) => { db: import("./closing-streams.ts").LevelDatabase } };
  export = databases;
}
