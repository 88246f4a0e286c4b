import { ClientError } from "../core/errors";
import { EXIT_CODES } from "../core/exit-codes";
import { sendRequest } from "../network/http";
import { type NetworkSettings, proxyFor } from "../network/network-settings";
import type { Finding } from "./hops";

/** From here on some of AWS's services refuse what this machine signs. */
const CLOCK_FAULT_SECONDS = 300;
const CLOCK_NOTE_SECONDS = 5;

/**
 * Whether an address answers at all: name, proxy, connection and TLS; whatever it answers will do.
 * @throws {UnreachableError} with the kind of fault.
 * @throws {ClientError} `clock_skew` where its clock shows that this machine's is wrong.
 */
export async function reach(address: string, network: NetworkSettings, signal: AbortSignal): Promise<Finding> {
  const url = new URL(address);
  const answer = await sendRequest({ method: "GET", url: address, network, signal });
  const ahead = answer.clockAheadSeconds ?? 0;
  const clock = `this machine's clock is ${Math.abs(ahead)} s ${ahead > 0 ? "ahead of" : "behind"} that of ${url.host}`;
  if (Math.abs(ahead) >= CLOCK_FAULT_SECONDS) {
    throw new ClientError(clock, "clock_skew", EXIT_CODES.local, {
      remedy: "Set the clock: check time synchronisation (timedatectl, chronyc tracking). AWS refuses such requests",
    });
  }
  const proxy = proxyFor(url, network);
  const by = proxy === undefined ? "" : ` through the proxy ${new URL(proxy).host}`;
  const secure = url.protocol === "https:" ? "TLS accepted" : "without TLS";
  const notes = Math.abs(ahead) >= CLOCK_NOTE_SECONDS ? [clock] : [];
  return { detail: `${url.host} answers${by}, ${secure}`, notes };
}
