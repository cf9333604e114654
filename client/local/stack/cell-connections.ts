import type { Connection } from "../../connection/connection.ts";
import type { Principal } from "../requests/access.ts";
import type { Cell } from "./cells.ts";
import { REGION } from "./resource-names.ts";

interface CellConnectionsParts {
  cells: readonly Cell[];
  /** The clients, in the order of the cells. */
  clients: readonly Principal[];
  /** Folder of the logs; undefined: the logs are in memory. */
  logs: string | undefined;
}

/**
 * Returns a client's connection to each cell, in the order of the cells. Without cells, returns one connection with the
 * endpoints only.
 */
export function cellConnections(
  { cells, clients, logs }: CellConnectionsParts,
  { lambda, dynamodb, s3 }: NonNullable<Connection["endpoints"]>,
): [Connection, ...Connection[]] {
  const connect = (cell: Cell, at: number): Connection => ({
    ...cell,
    region: REGION,
    endpoints: { lambda, dynamodb, s3 },
    ...(logs !== undefined && { logs }),
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
