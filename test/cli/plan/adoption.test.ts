/** The plan says whether a takeover overwrites, and foresees what the preparation of a write refuses. */
import type { Template } from '../../../local/cloudformation/template.ts';
import type { Action } from '../../../local/genesys-cloud/store.ts';
import { ACTION, INTEGRATION, webServices } from '../../../local/provider/stacks.ts';
import { inWorld, only, type World } from '../../../local/provider/world.ts';
import { integrationByHand } from '../../protocol/adoption/adoptable.ts';
import { actionByHand, byHand } from '../../protocol/by-hand.ts';
import { deploy, plannedFor, planOf, served } from './running.ts';

const ROLE = 'arn:aws:iam::123456789012:role/genesys';
const withWorld = (run: (world: World) => Promise<void>) => inWorld({}, run);

/** The action that was made by hand, as it is there. */
function sameAction(world: World, id: string, changes: object = {}): Template {
  const { integrationId, published } = world.remote(id) as unknown as Action;
  const { name, category, secure, contract, config } = published ?? ({} as never);
  const Definition = JSON.stringify({ name, category, secure, contract, config });
  return served(only(ACTION, { ExistingId: id, IntegrationId: integrationId, Definition, ...changes }));
}

/** The integration that was made by hand, as it is there. */
const sameIntegration = (_world: World, id: string, changes: object = {}): Template =>
  served(only(INTEGRATION, { ExistingId: id, Name: 'Orders', Notes: 'by hand: CANARY-notes', ...changes }));

const ofAction = [(world: World) => actionByHand(world), sameAction] as const;
const ofIntegration = [(world: World) => integrationByHand(world).id, sameIntegration] as const;

test.each<
  [string, (world: World) => string, (world: World, id: string, changes: object) => Template, object, boolean]
>([
  ['an action as it is', ...ofAction, {}, false],
  ['an action that differs', ...ofAction, { TimeoutSeconds: 8 }, true],
  ['an integration as it is', ...ofIntegration, {}, false],
  ['an integration that differs', ...ofIntegration, { Notes: 'other' }, true],
  ['an integration that gets another role', ...ofIntegration, { RoleArn: ROLE }, true],
])('the takeover of %s writes just where the plan says so', (_name, make, template, changes, overwrites) =>
  withWorld(async (world) => {
    const id = make(world);
    const wanted = template(world, id, changes);
    const { code, of } = await plannedFor(world, wanted);
    expect({ code, ...of('Thing') }).toMatchObject({ code: 0, action: 'adopt', adopts: id, overwrites });
    const says = overwrites ? `adopt ${id}, which is overwritten` : `adopt ${id} as it is`;
    expect((await planOf(world, wanted)).out).toContain(says);
    const before = world.genesys.calls().length;
    expect((await deploy(world, wanted)).status).toBe('CREATE_COMPLETE');
    const later = world.genesys.calls().slice(before);
    const writes = later.filter(({ method, template: at }) => method !== 'GET' && at !== '/oauth/token');
    expect(writes.length > 0).toBe(overwrites);
  }),
);

const SECRET = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:/genesys/credentials/orders-AbCdEf';
const TAGS = { 'genesys-cloud-cfn:stacks': '@' };
const FIELDS = JSON.stringify({ userName: 'u', password: 'CANARY-password' });

const withSecret = (changes: object = {}): Template =>
  served(webServices({ CredentialType: 'basicAuth', CredentialsSecretArn: SECRET, ...changes }));

test.each<[string, { text: string; tags?: Record<string, string>; refusal?: string }, RegExp]>([
  ['has no tag', { text: FIELDS }, /This stack may not use the secret/],
  ['is no JSON', { text: 'CANARY-text', tags: TAGS }, /is no JSON/],
  [
    'has wrong fields',
    { text: '{"user":"CANARY"}', tags: TAGS },
    /does not fit the credential type basicAuth/,
  ],
])('a secret that %s fails', (_name, secret, says) =>
  withWorld(async (world) => {
    world.aws.secrets.set(SECRET, secret);
    const { code, of } = await plannedFor(world, withSecret());
    expect({ code, failures: of('Thing').failures }).toEqual({
      code: 1,
      failures: [expect.stringMatching(says)],
    });
    for (const format of ['pretty', 'json', 'markdown'])
      expect((await planOf(world, withSecret(), '--format', format)).out).not.toContain('CANARY');
    expect((await deploy(world, withSecret())).status).toBe('ROLLBACK_COMPLETE');
  }),
);

test('a secret that cannot be read leaves the rest of the resource open', () =>
  withWorld(async (world) => {
    world.aws.secrets.set(SECRET, { text: FIELDS, tags: TAGS, refusal: 'AccessDeniedException' });
    const { code, of } = await plannedFor(world, withSecret());
    expect({ code, ...of('Thing') }).toMatchObject({
      code: 0,
      action: 'create',
      isCertain: false,
      failures: [],
      notes: [
        expect.stringMatching(/^Not judged any further: with your credentials, The secret .*AccessDenied/),
      ],
    });
  }));

test('a secret that the deployment makes is no failure', () =>
  withWorld(async (world) => {
    const template = withSecret({ CredentialsSecretArn: { Ref: 'Secret' } });
    const { code, of } = await plannedFor(world, {
      Resources: { ...template.Resources, Secret: { Type: 'AWS::SecretsManager::Secret' } },
    });
    expect({ code, ...of('Thing') }).toMatchObject({
      code: 0,
      failures: [],
      action: 'create',
      open: [{ path: 'CredentialsSecretArn', why: 'the id of Secret, which is new' }],
    });
  }));

test('an update to another secret that does not fit fails, and the plan of the same one is a change', () =>
  withWorld(async (world) => {
    world.aws.secrets.set(SECRET, { text: FIELDS, tags: TAGS });
    expect((await deploy(world, withSecret())).status).toBe('CREATE_COMPLETE');
    const notes = await plannedFor(world, withSecret({ Notes: 'other' }));
    expect({ code: notes.code, ...notes.of('Thing') }).toMatchObject({ code: 0, action: 'change' });
    world.aws.secrets.set(SECRET, { text: '{}', tags: TAGS });
    const { code, of } = await plannedFor(world, withSecret({ Nonce: '2' }));
    expect({ code, failures: of('Thing').failures }).toEqual({
      code: 1,
      failures: [expect.stringContaining('must be a JSON object')],
    });
  }));

test('a kept credential whose integration is gone fails', () =>
  withWorld(async (world) => {
    const { id } = integrationByHand(world);
    expect((await deploy(world, sameIntegration(world, id))).status).toBe('CREATE_COMPLETE');
    await byHand(world, 'DELETE', `/api/v2/integrations/${id}`);
    const template = sameIntegration(world, id, { Notes: 'other' });
    const { code, of } = await plannedFor(world, template);
    expect({ code, failures: of('Thing').failures }).toEqual({
      code: 1,
      failures: [expect.stringContaining('whose credential could be kept')],
    });
    expect((await deploy(world, template)).status).not.toBe('UPDATE_COMPLETE');
  }));
