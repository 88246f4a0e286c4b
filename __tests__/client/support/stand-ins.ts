import dns from "node:dns";
import { setImmediate } from "node:timers/promises";
import { clock } from "../../../client/core/backoff";

/** Lets the client's waits end at once. @returns the milliseconds of each, as they are asked for. */
export function skipWaits(): number[] {
  const waits: number[] = [];
  jest.spyOn(clock, "sleep").mockImplementation((milliseconds = 0, value, options) => {
    waits.push(milliseconds);
    return setImmediate(value, options);
  });
  return waits;
}

/** No name is known, as for a resolver that answers NXDOMAIN. The caller restores it. */
export function knowNoNames(): jest.SpyInstance {
  const lookup = (name: string, _: unknown, found: (error: Error) => void) =>
    setImmediate().then(() => found(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: "ENOTFOUND" })));
  return jest.spyOn(dns, "lookup").mockImplementation(lookup as never);
}

/** The AWS SDK waits for a random part of its longest wait between attempts: this lets it be nothing. */
export function retryAtOnce(): jest.SpyInstance {
  return jest.spyOn(Math, "random").mockReturnValue(0);
}
