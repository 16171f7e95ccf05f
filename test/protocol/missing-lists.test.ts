/** A list is always there. One that answers 404 for a while is read again, and proves nothing. */
import { spell } from '../../local/faults/spells.ts';
import { compare } from '../../local/faults/verdicts.ts';
import {
  ACTION,
  action,
  INTEGRATION,
  idOf,
  KEY,
  webServices,
  withFailure,
  withWorld,
} from '../../local/provider/stacks.ts';
import { KEY_ALIAS, only, type World } from '../../local/provider/world.ts';
import { adoptables } from './adoption/adoptable.ts';

/** The lists of all types: paths that name no object. */
const LISTS = { method: 'GET', pattern: '^/api/v2/(?!organizations/me)[a-z/]+(\\?|$)' } as const;

const types: [what: string, template: (world: World) => ReturnType<typeof only>][] = [
  ['data action', (world) => only(ACTION, action(world))],
  ['integration', () => only(INTEGRATION, { Name: 'Orders', RoleArn: 'arn:aws:iam::123456789012:role/r' })],
  ['integration of web services', () => webServices()],
  ['recording key', () => only(KEY, { KeyAliasArn: KEY_ALIAS })],
];

describe.each(types)('lists that answer 404 for 40 s', (what, template) => {
  test(`do not fail the creation of a ${what}`, () =>
    withWorld(async (world) => {
      spell(world, 40, LISTS);
      const created = await world.cloudFormation.createStack('stack', template(world));
      expect(created.status).toBe('CREATE_COMPLETE');
      expect(compare(world)).toEqual([]);
    }));

  test(`do not fail the deletion of a ${what}`, () =>
    withWorld(async (world) => {
      expect(idOf(await world.cloudFormation.createStack('stack', template(world)))).not.toBe('');
      world.clock.advance(3600_000);
      spell(world, 40, LISTS);
      expect((await world.cloudFormation.deleteStack('stack')).status).toBe('DELETE_COMPLETE');
      // Genesys Cloud deletes no key configuration.
      expect([...world.made().keys()].filter((key) => !key.startsWith('keyConfigurations'))).toEqual([]);
    }));

  test(`do not fail the rollback of the creation of a ${what}`, () =>
    withWorld(async (world) => {
      const { Resources } = withFailure(template(world));
      spell(world, 40, LISTS);
      const failed = await world.cloudFormation.createStack('stack', { Resources });
      expect(failed.status).toBe('ROLLBACK_COMPLETE');
      expect(compare(world)).toEqual([]);
    }));
});

test.each(adoptables)(
  'a list that answers 404 for 40 s is asked again for a $what to take over',
  (adoptable) =>
    withWorld(async (world) => {
      const id = adoptable.byHand(world);
      spell(world, 40, LISTS);
      const stack = await world.cloudFormation.createStack(
        'stack',
        adoptable.template(world, { AdoptExisting: true }),
      );
      expect([stack.status, idOf(stack)]).toEqual(['CREATE_COMPLETE', id]);
    }),
);
