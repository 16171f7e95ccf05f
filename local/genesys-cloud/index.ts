/**
 * A local Genesys Cloud: stateful, strict, on one port of 127.0.0.1. It imports nothing of the product, so
 * any client of Genesys Cloud can use it. README.md describes its paths, its checks and its control surface.
 */
import type { AddressInfo } from 'node:net';
import { awsOf } from './aws.ts';
import { changeSettings, type RecordedCall, type State, stateOf } from './control.ts';
import { type Fault, type FaultSpec, Faults } from './faults.ts';
import type { Simulator } from './http.ts';
import { type GenesysCloudOptions, settle } from './options.ts';
import { applySeed, type Seed, type Seeded } from './seed.ts';
import { createHttpServer } from './server.ts';
import { newOrganization, newWorld } from './store.ts';

export type { RecordedCall, State } from './control.ts';
export type { Fault, FaultAction, FaultMatch, FaultSpec } from './faults.ts';
export type { Behaviour, ClientOptions, Delays, GenesysCloudOptions } from './options.ts';
export { noDelays, realisticDelays } from './options.ts';
export type { Seed, Seeded } from './seed.ts';

export interface GenesysCloudServer {
  /** `http://127.0.0.1:<port>`, the base of `/oauth/token`, `/api/v2/…` and `/_control/…`. */
  url: string;
  port: number;
  organizationId: string;
  /** The first OAuth client. */
  clientId: string;
  clientSecret: string;
  /** The whole state. Credential values and OAuth secrets are in it only with `secrets: true`. */
  state(options?: { secrets?: boolean }): State;
  /** Makes objects that exist before a test begins; answers the ids. */
  seed(seed: Seed): Seeded;
  /** Without an argument: the faults in force. With one: adds faults and answers them. */
  faults(add?: FaultSpec | FaultSpec[]): Fault[];
  clearFaults(): void;
  /** Changes delays, limits and behaviour while the server runs. */
  settings(change: Parameters<typeof changeSettings>[1]): void;
  /** The calls since the start or the last `resetCalls`. Calls of the control surface are not in it. */
  calls(): RecordedCall[];
  resetCalls(): void;
  /** Every access token so far. */
  tokens(): string[];
  /** Ends the server. Calls in flight are cut off. */
  close(): Promise<void>;
}

export async function startGenesysCloud(options: GenesysCloudOptions = {}): Promise<GenesysCloudServer> {
  const { settings, fixed } = settle(options);
  const world = newWorld();
  const closing = new AbortController();
  const simulator: Simulator = {
    world,
    settings,
    fixed,
    aws: awsOf(fixed, settings),
    closing: closing.signal,
  };
  const { organizationId } = fixed;
  world.organizations.set(organizationId, newOrganization(organizationId, 'Local', fixed.awsRegion));
  applySeed(simulator, { clients: fixed.clients });

  const faults = new Faults(fixed.clock);
  const calls: RecordedCall[] = [];
  const server = createHttpServer(simulator, faults, calls, options.around);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const first = fixed.clients[0];

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    organizationId,
    clientId: first?.id ?? '',
    clientSecret: first?.secret ?? '',
    state: ({ secrets = false } = {}) => stateOf(simulator, secrets),
    seed: (seed) => applySeed(simulator, seed),
    faults: (add) => (add === undefined ? faults.all() : faults.add([add].flat())),
    clearFaults: () => faults.clear(),
    settings: (change) => changeSettings(settings, change),
    calls: () => structuredClone(calls),
    resetCalls: () => {
      calls.length = 0;
    },
    tokens: () => [...world.issued],
    close: () =>
      new Promise((resolve) => {
        closing.abort(new Error('the server was closed'));
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
