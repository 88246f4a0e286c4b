import { Fleet } from "./fleet";
import { ModelServer } from "./model";
import { runRealServers } from "./real-servers";
import { Services, type ServicesOptions } from "./services";
import { randomNumbers, VirtualClock } from "./virtual-clock";

const START = Date.UTC(2026, 0, 1);
const SEED = 20_260_101;

export interface Simulation extends ServicesOptions {
  readonly servers: number;
  /** The servers start at random moments of the first so many milliseconds, without tokens and credentials. */
  readonly startWithin: number;
  /** Milliseconds. */
  readonly lasts: number;
}

export interface Outcome {
  readonly fleet: Fleet;
  readonly services: Services;
  /** Servers that were without credentials for a while after they had some. */
  readonly lapsed: number;
}

/** A simulation with the model's servers, which is the same at every call. */
export function simulate(simulation: Simulation): Outcome {
  return withRandomNumbers(() => {
    const { fleet, services, startsAt } = begin(simulation);
    const { clock } = services;
    for (let number = 0; number < fleet.servers; number++) {
      const server = new ModelServer(number, fleet, services);
      clock.after(startsAt(), () => server.renew());
    }
    const end = clock.now + simulation.lasts;
    while (clock.step(end));
    return outcome(fleet, services);
  });
}

/** The same with the client's own code, which takes some milliseconds for each renewal of a server. */
export function simulateWithRealServers(simulation: Simulation): Promise<Outcome> {
  return withRandomNumbers(async () => {
    const { fleet, services, startsAt } = begin(simulation);
    await runRealServers(fleet, services, startsAt, simulation.lasts);
    return outcome(fleet, services);
  });
}

function begin(simulation: Simulation): { fleet: Fleet; services: Services; startsAt: () => number } {
  const services = new Services(new VirtualClock(START), simulation);
  return {
    fleet: new Fleet(simulation.servers),
    services,
    startsAt: () => Math.random() * simulation.startWithin,
  };
}

function outcome(fleet: Fleet, services: Services): Outcome {
  return { fleet, services, lapsed: fleet.lapsed(services.clock.now) };
}

/** The client's waits are random: the same numbers in every run make a difference between two runs mean something. */
function withRandomNumbers<T>(work: () => T): T {
  const own = Math.random;
  const restore = (): void => {
    Math.random = own;
  };
  Math.random = randomNumbers(SEED);
  let result: T;
  try {
    result = work();
  } catch (error) {
    restore();
    throw error;
  }
  if (result instanceof Promise) return result.finally(restore) as T;
  restore();
  return result;
}
