import { existsSync } from "node:fs";
import { connect } from "node:net";
import { type Connection, connectionFile, ownerIsAlive, readConnection } from "../../connection/connection.ts";
import { type Check, checked, ok, skipped, wrong } from "./check.ts";

/** Maximum wait for a port, in milliseconds. */
const PORT_MS = 2_000;
const RESTART = "Stop the cluster with `fantail stop`, and start it again";

/** Checks the cluster of a profile on this machine: its connection file, process, ports and logs. */
export async function profileChecks(profile: string): Promise<{ checks: Check[]; connection?: Connection }> {
  const file = connectionFile(profile);
  if (!existsSync(file))
    return { checks: [skipped("profile", `${profile}: no cluster was started on this machine (\`fantail start\`)`)] };
  let connection: Connection | undefined;
  const read = async () => {
    connection = await readConnection(file);
    return ok("profile", `${profile}: ${file}`);
  };
  const first = await checked("profile", read, `Remove ${file}, and start the cluster again`);
  return connection ? { checks: [first, ...(await embeddedChecks(connection))], connection } : { checks: [first] };
}

/** Checks the process, ports and logs of an embedded cluster. */
export async function embeddedChecks(connection: Connection): Promise<Check[]> {
  const { pid, endpoints, logs } = connection;
  if (endpoints === undefined) return [];
  const isAlive = ownerIsAlive(connection);
  const owner = isAlive
    ? ok("process", `process ${pid} is running`)
    : wrong("process", `process ${pid} has ended`, "Start the cluster again with `fantail start`");
  const ports = Object.entries(endpoints).map(([service, url]) =>
    isAlive ? portCheck(service, url) : skipped(`port of ${service}`, "the cluster's process has ended"),
  );
  const folder =
    logs === undefined
      ? skipped("logs", "this cluster keeps no log files")
      : existsSync(logs)
        ? ok("logs", logs)
        : wrong("logs", `the folder ${logs} is gone`, "Start the cluster again; do not empty the folder while it runs");
  return [owner, ...(await Promise.all(ports)), folder];
}

function portCheck(service: string, url: string): Promise<Check> {
  const name = `port of ${service}`;
  const { hostname, port, protocol } = new URL(url);
  const make = () =>
    new Promise<Check>((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port || (protocol === "https:" ? 443 : 80)) });
      socket.setTimeout(PORT_MS, () => {
        socket.destroy();
        resolve(wrong(name, `${url} does not answer in ${PORT_MS} ms`, RESTART));
      });
      socket.once("error", reject).once("connect", () => {
        socket.destroy();
        resolve(ok(name, url));
      });
    });
  return checked(name, make, RESTART);
}
