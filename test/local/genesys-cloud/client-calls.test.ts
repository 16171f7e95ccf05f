import {
  type GenesysCloudServer,
  noDelays,
  realisticDelays,
  startGenesysCloud,
} from '../../../local/genesys-cloud/index.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { cli } from './cli-calls.ts';
import type { Scenario, Step } from './client-calls.ts';
import { type Answer, login, request } from './support.ts';
import { terraform } from './terraform-calls.ts';

// The calls of Genesys' own tools, replayed. Under realistic delays a tool repeats only the calls that its
// code repeats.
const tools: [string, Scenario[]][] = [
  ['Genesys’ Terraform provider', terraform],
  ['Genesys’ CLI', cli],
];
const delays = [
  ['without delays', noDelays],
  ['under realistic delays', realisticDelays],
] as const;

describe.each(tools)('%s', (_, scenarios) => {
  describe.each(delays)('%s', (__, given) => {
    test.each(scenarios)('$does', async ({ steps }) => {
      const clock = manualClock();
      const server = await startGenesysCloud({ clock, delays: given });
      try {
        await replay(server, steps, () => clock.advance(500));
      } finally {
        await server.close();
      }
    });
  });
});

async function replay(server: GenesysCloudServer, steps: Step[], wait: () => void): Promise<void> {
  const { body: token } = await login(server);
  const kept: Record<string, string> = {};
  for (const step of steps) {
    const body = await replayStep(server, token.access_token, filledIn(step, kept), wait);
    for (const [name, path] of Object.entries(step.keep ?? {}))
      kept[name] = path.split('.').reduce((part, key) => part[key], body);
  }
}

/** Sends a call, and again half a second later while the tool would. Answers the body. */
async function replayStep(
  server: GenesysCloudServer,
  token: string,
  step: Step,
  wait: () => void,
): Promise<Answer['body']> {
  const [method = '', path = ''] = step.request.split(' ');
  for (let left = 60; ; left -= 1) {
    const { status, body } = await request(path.startsWith('/') ? server.url + path : path, {
      method,
      headers: step.headers ?? { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(step.body === undefined
        ? {}
        : { body: typeof step.body === 'string' ? step.body : JSON.stringify(step.body) }),
    });
    try {
      expect({ request: step.request, status, body }).toMatchObject({
        request: step.request,
        status: step.status,
        ...(step.has === undefined ? {} : { body: step.has }),
      });
      return body;
    } catch (mismatch) {
      const repeats =
        status === step.status ? step.untilItHas === true : step.repeatedAfter?.includes(status) === true;
      if (!repeats || left === 0) throw mismatch;
    }
    wait();
  }
}

/** The same with the kept values in place of their names, in every text. */
function filledIn<T>(value: T, kept: Record<string, string>): T {
  if (typeof value === 'string')
    return value.replaceAll(/\{(\w+)\}/g, (whole, name: string) => kept[name] ?? whole) as T;
  if (Array.isArray(value)) return value.map((part) => filledIn(part, kept)) as T;
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype)
    return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, filledIn(part, kept)])) as T;
}
