/** The scheduled look for drift: events, metrics, and further parts where an invocation is too short. */
import { ACTION, action, INTEGRATION, webServices } from '../../local/provider/stacks.ts';
import { inWorld, OAUTH_SECRET, only, type World } from '../../local/provider/world.ts';
import { COMPLETED, type DriftEvent, FOUND } from '../../operations/drift/events.ts';
import { createDriftCheck, type Part } from '../../operations/drift.ts';
import { personOf } from '../cli/drift/running.ts';
import { callByHand } from '../protocol/by-hand.ts';

const LONG = 900_000;
const PROVIDER = 'arn:aws:lambda:us-east-1:123456789012:function:genesys-cloud-provider';

interface Check {
  events: DriftEvent[];
  parts: Part[];
  entries: Record<string, unknown>[];
  /** @param left milliseconds of the invocation, asked for again and again */
  run(event?: Partial<Part>, left?: () => number): Promise<unknown>;
}

function checkOf(world: World): Check {
  Object.assign(process.env, personOf(world));
  const events: DriftEvent[] = [];
  const parts: Part[] = [];
  const entries: Record<string, unknown>[] = [];
  const write = (_message: string, facts: Record<string, unknown> = {}) => void entries.push(facts);
  const handler = createDriftCheck({
    environment: { PROVIDER_FUNCTION_ARN: PROVIDER },
    log: { debug: write, info: write, warn: write, error: write },
    publish: async (some) => void events.push(...some),
    goOn: async (part) => void parts.push(part),
  });
  const run = (event = {}, left = () => LONG) => handler(event, { getRemainingTimeInMillis: left });
  return { events, parts, entries, run };
}

/** An integration that was disabled by hand, and an action with a secret header that was changed. */
async function withTwoChanges(by: (world: World, check: Check) => Promise<void>): Promise<void> {
  await inWorld({}, async (world) => {
    const { cloudFormation, genesys } = world;
    const { Request } = action(world) as { Request: object };
    const Headers = { Authorization: 'Bearer CANARY-header' };
    const first = await cloudFormation.createStack('stack', webServices());
    const second = await cloudFormation.createStack(
      'second',
      only(ACTION, action(world, { Request: { ...Request, Headers } })),
    );
    const idIn = ({ resources }: typeof first) => resources['Thing']?.physicalId;
    const byHand = (path: string, body: object) => callByHand(genesys, 'PATCH', path, body);
    await byHand(`/api/v2/integrations/${idIn(first)}`, { intendedState: 'DISABLED' });
    const path = `/api/v2/integrations/actions/${idIn(second)}`;
    await byHand(path, { version: 2, name: 'by hand', category: 'Orders' });
    await by(world, checkOf(world));
  });
}

test('each finding is an event, and the end of the look is one with the counts and a metric', () =>
  withTwoChanges(async (_world, { events, parts, entries, run }) => {
    const counts = { objects: 2, findings: 2, notCompared: 0 };
    await expect(run()).resolves.toEqual(counts);
    expect(parts).toEqual([]);
    expect(events.map(({ detailType }) => detailType)).toEqual([FOUND, FOUND, COMPLETED]);
    const details = events.map(({ detail }) => detail as { type?: string });
    expect(details.find(({ type }) => type === INTEGRATION)).toMatchObject({
      stack: 'stack',
      cause: 'changed',
      fields: [{ path: 'Enabled', applied: true, now: false }],
    });
    expect(events[2]?.detail).toMatchObject(counts);
    expect(entries.at(-1)).toMatchObject({ DriftFindings: 2, DriftObjects: 2, _aws: {} });
    expect(JSON.stringify([events, entries])).not.toContain('CANARY');
  }));

test('a look that an invocation cannot end goes on in the next one, and the counts are of both', () =>
  withTwoChanges(async (_world, { events, parts, entries, run }) => {
    // The time is asked for before each step of the look: it runs out after the first type.
    let asked = 0;
    let enough = 3;
    const runsOut = () => (++asked > enough ? 0 : LONG);
    while (parts.length === 0 && enough < 30) {
      asked = 0;
      enough += 1;
      await run({}, runsOut).catch(() => {});
    }
    const [next] = parts;
    expect(next).toMatchObject({ part: 2, counts: { objects: 1, findings: 1 } });
    expect(entries.some((entry) => '_aws' in entry)).toBe(false);
    events.length = 0;
    await expect(run(next)).resolves.toEqual({ objects: 2, findings: 2, notCompared: 0 });
    expect(events.map(({ detailType }) => detailType)).toEqual([FOUND, COMPLETED]);
  }));

test('an invocation without any progress fails and does not begin again for ever', () =>
  withTwoChanges(async (_world, { parts, run }) => {
    await expect(run({}, () => 0)).rejects.toThrow(/cannot be taken|another part would not end it/);
    expect(parts).toEqual([]);
  }));

test('a look that breaks off fails the invocation, after the events of what it saw', () =>
  withTwoChanges(async ({ genesys }, { events, run }) => {
    genesys.faults({
      match: { method: 'GET', path: '/api/v2/integrations/actions' },
      action: { status: 403, body: { status: 403, code: 'missing.any.permissions' } },
    });
    await expect(run()).rejects.toThrow(/broke off after \d objects: .*integrations:action:view/);
    expect(events.map(({ detailType }) => detailType)).not.toContain(COMPLETED);
  }));

test('a look that cannot be taken fails the invocation with the reason, and nothing secret in it', () =>
  withTwoChanges(async ({ aws, genesys }, { events, run }) => {
    const text = JSON.stringify({ client_id: genesys.clientId, client_secret: 'CANARY-wrong' });
    aws.secrets.set(OAUTH_SECRET, { text });
    const fault = await run().catch((error: unknown) => error as Error);
    expect(String(fault)).toMatch(/The look cannot be taken: .*OAuth client/);
    expect(String(fault)).not.toContain('CANARY');
    expect(events).toEqual([]);
  }));

test('a finding with long values fits into an event, without the values', () =>
  inWorld({}, async (world) => {
    const stack = await world.cloudFormation.createStack('stack', only(ACTION, action(world)));
    const path = `/api/v2/integrations/actions/${stack.resources['Thing']?.physicalId}`;
    const { config } = (world.remote(stack.resources['Thing']?.physicalId ?? '') as unknown as Published)
      .published;
    const successTemplate = `{"long": "${'x'.repeat(40_000)}"}`;
    const body = { version: 2, config: { ...config, response: { ...config.response, successTemplate } } };
    expect((await callByHand(world.genesys, 'PATCH', path, body)).status).toBe(200);
    const { events, run } = checkOf(world);
    await run();
    expect(Buffer.byteLength(JSON.stringify(events[0]?.detail))).toBeLessThan(20_000);
    expect(events[0]?.detail).toMatchObject({ fields: [{ path: 'Response.SuccessTemplate' }] });
  }));

interface Published {
  published: { config: { response: object } };
}
