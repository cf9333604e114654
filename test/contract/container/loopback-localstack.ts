import { LocalstackContainer } from "@testcontainers/localstack";

const PORT = "4566/tcp";
const LOOPBACK = ["localhost", "127.0.0.1"];

/**
 * A LocalStack that only this machine can reach. It asks for no credentials, so anyone who can reach its port may run
 * code.
 *
 * Testcontainers publishes ports on all interfaces and has no option to change that. An engine that is not at this
 * machine's loopback address, such as one in a virtual machine, would publish on its own loopback, out of reach: for
 * these, the port stays on all interfaces.
 */
export class LoopbackLocalstack extends LocalstackContainer {
  /** @param engineHost where testcontainers looks for the engine's published ports */
  constructor(image: string, engineHost: string) {
    super(image);
    if (!LOOPBACK.includes(engineHost)) return;
    // The engine chooses the port on the host.
    this.hostConfig.PortBindings = { [PORT]: [{ HostIp: "127.0.0.1", HostPort: "0" }] };
  }
}
