/** Providers of one organization that share a ledger take nothing from each other, and lose nothing. */
import type { Template } from '../../local/cloudformation/template.ts';
import { firstInputs } from '../../local/provider/inputs.ts';
import { ACTION, INTEGRATION, idOf, KEY, withFailure } from '../../local/provider/stacks.ts';
import { KEY_ALIAS, OTHER_KEY_ALIAS, only } from '../../local/provider/world.ts';
import { callByHand } from './by-hand.ts';
import {
  HOME_REGION,
  outcome,
  places,
  type SeveralProviders,
  SHARED_LEDGER,
  withProviders,
} from './several-providers.ts';

const action = (world: SeveralProviders, changes = {}): Template =>
  only(ACTION, {
    ...firstInputs(ACTION).create.properties,
    IntegrationId: world.integrationId,
    ...changes,
  });
const integration = (changes = {}): Template =>
  only(INTEGRATION, { Name: 'Orders', RoleArn: 'arn:aws:iam::111122223333:role/genesys', ...changes });
const recordingKey = (changes = {}): Template => only(KEY, { KeyAliasArn: KEY_ALIAS, ...changes });
const actionOf = ({ genesys }: SeveralProviders, id: string) =>
  genesys.state().organizations[0]?.actions.find((one) => one.id === id);

/** An administrator sets the recording key in Genesys Cloud. */
async function setByHand(world: SeveralProviders, url: string): Promise<void> {
  const id = world.recordingKey()?.id;
  const path = `/api/v2/recording/keyconfigurations/${id}`;
  const body = { id, url, keyConfigurationType: 'KmsSymmetric' };
  const response = await callByHand(world.genesys, 'PUT', path, body);
  expect(response.status).toBe(200);
}

describe('adoption', () => {
  test.each(['second', 'third'] as const)(
    'by the %s provider takes nothing from a living stack of the first, and its rollback deletes nothing',
    (taker) =>
      withProviders(async (world) => {
        const owned = await world.first.cloudFormation.createStack('owner', action(world));
        expect(owned.status).toBe('CREATE_COMPLETE');
        const before = structuredClone(actionOf(world, idOf(owned)));
        for (const naming of [{ AdoptExisting: true }, { ExistingId: idOf(owned) }]) {
          const taking = await world[taker].cloudFormation.createStack(
            'taker',
            action(world, { ...naming, OnDelete: 'Delete', Category: 'Taken' }),
          );
          expect(outcome(taking)).toEqual({
            status: 'ROLLBACK_COMPLETE',
            reason: expect.stringMatching(
              taker === 'second'
                ? /belongs to Thing of stack owner .*cannot be asked/
                : /may belong to a stack of another provider/,
            ),
          });
          await world[taker].cloudFormation.deleteStack('taker');
        }
        expect(actionOf(world, idOf(owned))).toEqual(before);
        const deleted = await world.first.cloudFormation.deleteStack('owner');
        expect(deleted.status).toBe('DELETE_COMPLETE');
        expect(world.made()).toEqual([]);
      }),
  );

  test('by the second provider works once the first has given the object up', () =>
    withProviders(async (world) => {
      const owned = await world.first.cloudFormation.createStack('owner', action(world));
      await world.first.cloudFormation.updateStack('owner', action(world, { OnDelete: 'Retain' }));
      await world.first.cloudFormation.deleteStack('owner');
      const taken = await world.second.cloudFormation.createStack(
        'taker',
        action(world, { ExistingId: idOf(owned), Category: 'Taken' }),
      );
      expect(taken.status).toBe('CREATE_COMPLETE');
      expect(idOf(taken)).toBe(idOf(owned));
    }));

  test('is put back by the provider that sealed it, though others share the ledger', () =>
    withProviders(async (world) => {
      const owned = await world.first.cloudFormation.createStack('owner', action(world));
      await world.first.cloudFormation.updateStack('owner', action(world, { OnDelete: 'Retain' }));
      await world.first.cloudFormation.deleteStack('owner');
      const { published: before } = structuredClone(actionOf(world, idOf(owned))) ?? {};
      const failed = await world.second.cloudFormation.createStack(
        'taker',
        withFailure(action(world, { ExistingId: idOf(owned), Category: 'Taken' })),
      );
      expect(failed.status).toBe('ROLLBACK_COMPLETE');
      const { published: after } = actionOf(world, idOf(owned)) ?? {};
      expect({ ...after, version: 0 }).toEqual({ ...before, version: 0 });
    }));
});

describe('the recording key', () => {
  test.each(['second', 'third'] as const)(
    'is set by the designated provider only: the %s is refused, with and without Takeover, and changes nothing',
    (other) =>
      withProviders(async (world) => {
        for (const changes of [{}, { Takeover: true }]) {
          const refused = await world[other].cloudFormation.createStack('other', recordingKey(changes));
          expect(outcome(refused)).toEqual({
            status: 'ROLLBACK_COMPLETE',
            reason: expect.stringContaining(`Only the provider ${world.first.arn} sets the recording key`),
          });
          await world[other].cloudFormation.deleteStack('other');
        }
        expect(world.recordingKey()?.keyConfigurationType ?? 'Native').toBe('Native');
        const set = await world.first.cloudFormation.createStack('key', recordingKey({ OnDelete: 'Native' }));
        expect(set.status).toBe('CREATE_COMPLETE');
        const refused = await world[other].cloudFormation.createStack(
          'other',
          recordingKey({ KeyAliasArn: OTHER_KEY_ALIAS, Takeover: true, OnDelete: 'Native' }),
        );
        expect(refused.status).toBe('ROLLBACK_COMPLETE');
        await world[other].cloudFormation.deleteStack('other');
        expect(world.recordingKey()).toMatchObject({ url: KEY_ALIAS, keyConfigurationType: 'KmsSymmetric' });
      }),
  );

  test('stays with its owner when another provider is designated: Update, rollback and Delete go on there', () =>
    withProviders(async (world) => {
      await world.first.cloudFormation.createStack('key', recordingKey({ OnDelete: 'Native' }));
      for (const { containers } of [world.first, world.second])
        containers.redeploy({ RECORDING_KEY_PROVIDER_ARN: world.second.arn });
      const owned = await world.second.cloudFormation.createStack('other', recordingKey());
      expect(outcome(owned)).toMatchObject({
        reason: expect.stringContaining('belongs to Thing of stack key'),
      });
      const updated = await world.first.cloudFormation.updateStack(
        'key',
        recordingKey({ KeyAliasArn: OTHER_KEY_ALIAS, OnDelete: 'Native' }),
      );
      expect(updated.status).toBe('UPDATE_COMPLETE');
      const back = await world.first.cloudFormation.updateStack(
        'key',
        withFailure(recordingKey({ OnDelete: 'Native' })),
      );
      expect(back.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(world.recordingKey()?.url).toBe(OTHER_KEY_ALIAS);
      expect((await world.first.cloudFormation.deleteStack('key')).status).toBe('DELETE_COMPLETE');
      expect(world.recordingKey()?.keyConfigurationType).toBe('Native');
    }));

  test('that another hand has set is taken over by an Update of the designated provider only', () =>
    withProviders(async (world) => {
      await world.first.cloudFormation.createStack('key', recordingKey({ OnDelete: 'Native' }));
      await setByHand(world, 'arn:aws:kms:us-east-1:123456789012:alias/by-hand');
      world.first.containers.redeploy({ RECORDING_KEY_PROVIDER_ARN: world.second.arn });
      const refused = await world.first.cloudFormation.updateStack(
        'key',
        recordingKey({ KeyAliasArn: OTHER_KEY_ALIAS, Takeover: true, OnDelete: 'Native' }),
      );
      expect(outcome(refused).reason).toContain(`Only the provider ${world.second.arn}`);
      expect(world.recordingKey()?.url).toBe('arn:aws:kms:us-east-1:123456789012:alias/by-hand');
    }));
});

describe('a lost POST', () => {
  test.each(['second', 'third'] as const)(
    'of the first provider is told from the same action that the %s makes meanwhile',
    (other) =>
      withProviders(async (world) => {
        let lost = 0;
        world.first.containers.faultFor = ({ operation }) => {
          if (operation !== 'POST /api/v2/integrations/actions' || lost > 0) return undefined;
          lost += 1;
          return 'reset after';
        };
        const [mine, theirs] = await Promise.all([
          world.first.cloudFormation.createStack('mine', action(world, { Name: 'Look up' })),
          world[other].cloudFormation.createStack('theirs', action(world, { Name: 'Look up too' })),
        ]);
        expect({ lost, mine: mine.status, theirs: theirs.status }).toEqual({
          lost: 1,
          mine: 'CREATE_COMPLETE',
          theirs: 'CREATE_COMPLETE',
        });
        expect(world.made().sort()).toEqual([idOf(mine), idOf(theirs)].sort());
        expect(actionOf(world, idOf(mine))?.published?.name).toBe('Look up');
        expect(actionOf(world, idOf(theirs))?.published?.name).toBe('Look up too');
        await world.first.cloudFormation.deleteStack('mine');
        expect(world.made()).toEqual([idOf(theirs)]);
        await world[other].cloudFormation.deleteStack('theirs');
        expect(world.made()).toEqual([]);
      }),
  );

  test('that made nothing takes nothing of the other provider', () =>
    withProviders(async (world) => {
      world.first.containers.faultFor = ({ operation }) =>
        operation === 'POST /api/v2/integrations/actions' ? 'reset before' : undefined;
      const [mine, theirs] = await Promise.all([
        world.first.cloudFormation.createStack('mine', action(world, { Name: 'Look up' })),
        world.second.cloudFormation.createStack('theirs', action(world, { Name: 'Look up too' })),
      ]);
      expect([mine.status, theirs.status]).toEqual(['ROLLBACK_COMPLETE', 'CREATE_COMPLETE']);
      expect(world.made()).toEqual([idOf(theirs)]);
    }));
});

test('one name in one integration is given once, however close two providers come', () =>
  withProviders(async (world) => {
    const stacks = await Promise.all(
      (['first', 'second'] as const).map((place) =>
        world[place].cloudFormation.createStack(place, action(world, { Name: 'Look up' })),
      ),
    );
    expect(stacks.map(({ status }) => status).sort()).toEqual(['CREATE_COMPLETE', 'ROLLBACK_COMPLETE']);
    const winner = stacks.find(({ status }) => status === 'CREATE_COMPLETE');
    expect(world.made()).toEqual([winner && idOf(winner)]);
  }));

test('a name in SharedWith admits no stack of the same name at another provider of the ledger', () =>
  withProviders(async (world) => {
    const owner = await world.first.cloudFormation.createStack(
      'owner',
      integration({ SharedWith: ['user'] }),
    );
    const own = await world.first.cloudFormation.createStack(
      'user',
      action(world, { IntegrationId: idOf(owner) }),
    );
    expect(own.status).toBe('CREATE_COMPLETE');
    const other = await world.second.cloudFormation.createStack(
      'user',
      action(world, { IntegrationId: idOf(owner), Name: 'Another' }),
    );
    expect(outcome(other)).toEqual({
      status: 'ROLLBACK_COMPLETE',
      reason: expect.stringContaining('SharedWith'),
    });
  }));

describe('a deletion', () => {
  test.each(['second', 'third'] as const)(
    'of an integration is refused while the %s provider has an action in it',
    (other) =>
      withProviders(async (world) => {
        const owner = await world.first.cloudFormation.createStack(
          'owner',
          integration({ SharedWith: [`${places.second.account}/user`] }),
        );
        // The third provider does not know the owner, so its administrator has to list the integration.
        world.third.containers.redeploy({ SHARED_INTEGRATION_IDS: idOf(owner) });
        const user = await world[other].cloudFormation.createStack(
          'user',
          action(world, { IntegrationId: idOf(owner) }),
        );
        expect(user.status).toBe('CREATE_COMPLETE');
        const refused = await world.first.cloudFormation.deleteStack('owner');
        expect(outcome(refused)).toEqual({
          status: 'DELETE_FAILED',
          reason: expect.stringContaining(idOf(user)),
        });
        expect(world.made()).toContain(idOf(owner));
        expect((await world[other].cloudFormation.deleteStack('user')).status).toBe('DELETE_COMPLETE');
        expect((await world.first.cloudFormation.deleteStack('owner')).status).toBe('DELETE_COMPLETE');
        expect(world.made()).toEqual([]);
      }),
  );
});

describe('while the home Region is away', () => {
  test('requests fail before any write, a failed creation goes back, and later all goes on', () =>
    withProviders(async (world) => {
      const before = await world.second.cloudFormation.createStack('before', action(world));
      world.aws.awayRegions.add(HOME_REGION);
      world.genesys.resetCalls();
      for (const place of ['first', 'second'] as const) {
        const failed = await world[place].cloudFormation.createStack(
          'meanwhile',
          action(world, { Name: place }),
        );
        expect(outcome(failed)).toEqual({
          status: 'ROLLBACK_COMPLETE',
          reason: expect.stringContaining(`ledger, DynamoDB table ${SHARED_LEDGER}, cannot be used`),
        });
      }
      const updated = await world.second.cloudFormation.updateStack(
        'before',
        action(world, { Category: 'New' }),
      );
      expect(updated.status).toBe('UPDATE_ROLLBACK_FAILED');
      expect(world.writes()).toEqual([]);
      // A provider with its own ledger does not notice.
      const third = await world.third.cloudFormation.createStack('third', action(world, { Name: 'third' }));
      expect(third.status).toBe('CREATE_COMPLETE');

      world.aws.awayRegions.clear();
      expect((await world.second.cloudFormation.deleteStack('before')).status).toBe('DELETE_COMPLETE');
      expect(world.made()).toEqual([idOf(third)]);
      expect(before.status).toBe('CREATE_COMPLETE');
    }));
});

test('a provider of an account that the table does not admit does nothing', () =>
  withProviders(async (world) => {
    world.third.containers.redeploy({ LEDGER_TABLE_NAME: SHARED_LEDGER });
    world.genesys.resetCalls();
    const failed = await world.third.cloudFormation.createStack('stack', action(world));
    expect(outcome(failed)).toEqual({
      status: 'ROLLBACK_COMPLETE',
      reason: expect.stringContaining('no resource-based policy allows the dynamodb:GetItem action'),
    });
    expect(world.writes()).toEqual([]);
  }));

test('the provider asks DynamoDB of the Region that the ARN of its ledger names', () =>
  withProviders(async (world) => {
    const { region } = places.first;
    world.aws.awayRegions.add(region);
    const stack = await world.first.cloudFormation.createStack('stack', action(world));
    expect(stack.status).toBe('CREATE_COMPLETE');
  }));
