/** Objects that somebody made by hand, templates that adopt them, and questions about both. */
import type { Template } from '../../../local/cloudformation/template.ts';
import type { Action, Integration } from '../../../local/genesys-cloud/store.ts';
import { firstInputs, inWorldOf } from '../../../local/provider/inputs.ts';
import { ACTION, action, INTEGRATION } from '../../../local/provider/stacks.ts';
import { LEDGER, only, type World } from '../../../local/provider/world.ts';
import { actionByHand, SECRETS } from '../by-hand.ts';

const ROLE = 'arn:aws:iam::123456789012:role/genesys';
const OLD_ROLE = 'arn:aws:iam::123456789012:role/by-hand';

/** Properties of an integration that looks otherwise than the one that is made by hand. */
export const integration = (changes = {}) => ({
  Name: 'Orders',
  RoleArn: ROLE,
  Notes: 'by a stack',
  ...changes,
});

export const actionStack = (world: World, changes = {}, logicalId?: string): Template =>
  only(ACTION, action(world, changes), logicalId);

export const integrationStack = (changes = {}, logicalId?: string): Template =>
  only(INTEGRATION, integration(changes), logicalId);

/** An integration with a credential of its own, and a secret in its notes. */
export function integrationByHand(world: World, changes = {}): { id: string; credentialId: string } {
  const { credentials } = world.genesys.seed({
    credentials: [{ typeName: 'amazonWebServicesARN', fields: { ARN: OLD_ROLE } }],
  });
  const credentialId = credentials[0] ?? '';
  const { integrations } = world.genesys.seed({
    integrations: [
      {
        name: 'Orders',
        typeId: 'aws-lambda-data-actions',
        enabled: true,
        notes: 'by hand: CANARY-notes',
        credentials: { AmazonWebServicesARN: credentialId },
        ...changes,
      },
    ],
  });
  return { id: integrations[0] ?? '', credentialId };
}

/** A type that adopts, for tables of tests. */
export interface Adoptable {
  type: string;
  what: string;
  template: (world: World, changes?: object, logicalId?: string) => Template;
  /** Makes one as a person would; answers its id. */
  byHand: (world: World) => string;
}

/** Templates of one resource, which has a type's first inputs. */
export const ofFirstInputs =
  (type: string): Adoptable['template'] =>
  (world, changes, logicalId) =>
    only(type, { ...inWorldOf(firstInputs(type).create.properties, world), ...changes }, logicalId);

export const adoptables: Adoptable[] = [
  { type: ACTION, what: 'data action', template: actionStack, byHand: (world) => actionByHand(world) },
  {
    type: INTEGRATION,
    what: 'integration',
    template: (_, changes, logicalId) => integrationStack(changes, logicalId),
    byHand: (world) => integrationByHand(world).id,
  },
];

/** Everything that a person sets of an object, without versions and times. */
export function formOf(world: World, id: string) {
  const remote = world.remote(id) ?? {};
  const { published, config, intendedState } = remote as Partial<Action & Integration>;
  const { version: _, ...rest } = published ?? config ?? (remote as { version?: number });
  return structuredClone({ ...rest, intendedState });
}

/** Ids of the credentials that were made since the world began. */
export const credentials = (world: World) =>
  [...world.made().keys()].filter((key) => key.startsWith('credentials')).map((key) => key.split(' ')[1]);

/** How many objects of a kind were made since the world began. */
export const count = (world: World, kind: string) =>
  [...world.made().keys()].filter((key) => key.startsWith(kind)).length;

/** The ledger's objects: id, logical id of the owner, and where the object came from. */
export const records = (world: World) =>
  [...world.ledger('OBJECT#').values()].map(
    ({ id, owner, origin }) => [id, (owner as { logicalId: string }).logicalId, origin] as const,
  );

/** Calls to Genesys Cloud that may change something. */
export const writes = (world: World) =>
  world.genesys.calls().filter(({ method, template }) => method !== 'GET' && template !== '/oauth/token');

/**
 * The secrets of what somebody made by hand left the provider in no form, and cannot be read in the ledger.
 */
export function expectNoSecrets(world: World): void {
  const kept = JSON.stringify([...(world.aws.tables.get(LEDGER)?.values() ?? [])]);
  for (const secret of [...SECRETS, 'CANARY-notes']) {
    expect(world.output()).not.toContain(secret);
    expect(kept).not.toContain(secret);
  }
}
