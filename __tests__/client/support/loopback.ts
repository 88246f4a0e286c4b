import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on loopback, on a port of its own, that a test starts and stops. */
export abstract class LoopbackServer {
  protected abstract readonly server: Server;

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }
}
