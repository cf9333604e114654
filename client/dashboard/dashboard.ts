/// <reference lib="esnext.disposable" preserve="true" />
import type { ClusterAddress } from "../cluster/find-cluster.ts";
import { type DashboardPorts, DashboardServer } from "./dashboard-server.ts";

/** A page that shows a cluster while it works. It is served by this process, on this machine only. */
export interface Dashboard extends AsyncDisposable {
  /** Address of the page, with its key. Anyone who has it can see, abort and resubmit all tasks. */
  readonly url: string;
  /** Stops serving the page. */
  close(): Promise<void>;
}

/** Starts a server for a cluster's dashboard. */
export async function openDashboard(ports: DashboardPorts, address: ClusterAddress): Promise<Dashboard> {
  const server = new DashboardServer(ports, nameOf(address));
  const url = await server.listen();
  const close = () => server.close();
  return { url, close, [Symbol.asyncDispose]: close };
}

function nameOf({ profile, stack, tenant }: ClusterAddress): string {
  const names = { profile, stack, tenant };
  const given = Object.entries(names).flatMap(([kind, name]) => (name === undefined ? [] : `${kind} ${name}`));
  return given.join(", ") || "cluster";
}
