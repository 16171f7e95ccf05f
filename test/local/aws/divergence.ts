import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { type MiniStack, type MiniStackOptions, startMiniStack } from '../../../local/aws/ministack.ts';
import { cloudFormation, create } from '../../../local/aws/stacks.ts';
import { type Probe, probeTemplate, startProbe } from './probe.ts';

/** One of the two servers of a scenario. */
export interface Side {
  server: MiniStack;
  client: CloudFormationClient;
  /** The ServiceToken of the probe. */
  token: string;
  /** A name of a stack that no other test has. */
  name: string;
}

export let probe: Probe;
const sides = {} as { stock: Omit<Side, 'name'>; patched: Omit<Side, 'name'> };
let count = 0;

/** Starts MiniStack as published and with the patches; for `beforeAll`. */
export async function startSides(options: MiniStackOptions = {}): Promise<void> {
  const started = await Promise.all([
    startProbe(),
    startMiniStack({ ...options, withoutPatches: 'all' }),
    startMiniStack(options),
  ]);
  probe = started[0];
  for (const [key, server] of [
    ['stock', started[1]],
    ['patched', started[2]],
  ] as const) {
    const client = cloudFormation(server);
    const { outputs } = await create(client, 'probe', probeTemplate);
    sides[key] = { server, client, token: outputs['ProbeToken'] ?? '' };
  }
}

/** For `afterAll`. */
export async function stopSides(): Promise<void> {
  await Promise.all([sides.stock?.server.stop(), sides.patched?.server.stop(), probe?.stop()]);
}

/**
 * A test of a patch: one scenario on both servers. MiniStack as published must still differ from
 * CloudFormation; if it does not, it has caught up and the patch goes. The patched server must not differ.
 */
export function divergence<Seen>(
  patch: string,
  rule: string,
  scenario: (side: Side) => Promise<Seen>,
  expected: { stock: Seen; patched: Seen },
): void {
  test(`${patch}: ${rule}`, async () => {
    count += 1;
    const name = `s${count}`;
    const [stock, patched] = await Promise.all([
      scenario({ ...sides.stock, name: `${name}-stock` }),
      scenario({ ...sides.patched, name: `${name}-patched` }),
    ]);
    expect(patched).toEqual(expected.patched);
    expect(stock).toEqual(expected.stock);
  });
}

/** A `Custom::Probe`. */
export function thing(side: Side, properties: object = {}, attributes: object = {}) {
  return {
    Type: 'Custom::Probe',
    Properties: { ServiceToken: side.token, ServiceTimeout: 20, Probe: probe.url, ...properties },
    ...attributes,
  };
}
