import type { Connection } from "../../connection/connection.ts";
import type { Principal } from "../requests/access.ts";
import type { Cell } from "./cells.ts";
import { REGION } from "./resource-names.ts";

/**
 * Returns a client's connection to each cell, in the order of the cells. Without cells, returns one connection with the
 * endpoints only.
 */
export function cellConnections(
  cells: readonly Cell[],
  clients: readonly Principal[],
  services: Pick<Connection, "endpoints" | "logs">,
): [Connection, ...Connection[]] {
  const connect = (cell: Cell, at: number): Connection => ({
    ...cell,
    region: REGION,
    ...services,
    ...keysOf(clients[at]),
  });
  const [first = NO_CELL, ...others] = cells;
  return [connect(first, 0), ...others.map((cell, at) => connect(cell, at + 1))];
}

const NO_CELL: Cell = {
  scheduler: "",
  taskTable: "",
  engineTable: "",
  blobBucket: "",
  pools: [],
  scheme: "",
  hwm: "adaptive",
};

function keysOf(client: Principal | undefined): Pick<Connection, "credentials"> {
  if (!client) return {};
  const { accessKeyId, secretAccessKey } = client;
  return { credentials: { accessKeyId, secretAccessKey } };
}
