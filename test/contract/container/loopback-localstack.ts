import { LocalstackContainer } from "@testcontainers/localstack";

const PORT = "4566/tcp";
const LOOPBACK = ["localhost", "127.0.0.1"];

/**
 * A LocalStack that only this machine reaches: whoever reaches its port may run code, as it asks for no credentials.
 *
 * Testcontainers publishes ports on all interfaces, and has no option for one. An engine that is not at this machine's loopback
 * address (in a virtual machine or elsewhere, or as seen from inside a container) would publish on a loopback of its own, out of
 * reach: there the port is left on all interfaces.
 */
export class LoopbackLocalstack extends LocalstackContainer {
  /** @param engineHost where testcontainers looks for ports that the engine publishes */
  constructor(image: string, engineHost: string) {
    super(image);
    if (!LOOPBACK.includes(engineHost)) return;
    // The engine chooses the port on the host.
    this.hostConfig.PortBindings = { [PORT]: [{ HostIp: "127.0.0.1", HostPort: "0" }] };
  }
}
