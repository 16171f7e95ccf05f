/**
 * A rollback needs nothing from outside: the content was kept, or was fixed, when it was applied.
 */
import { type Content, contents, stateOf } from '../../local/faults/outside.ts';
import { compare } from '../../local/faults/verdicts.ts';
import { ACTION, idOf, webServices, withFailure, withWorld } from '../../local/provider/stacks.ts';
import { CREDENTIALS_SECRET, inWorld, only, reasons, type World } from '../../local/provider/world.ts';

const environment = { DEFINITION_OBJECT_ARNS: 'arn:aws:s3:::definitions/*' };

/** The reasons why the update fails after its write. */
const FAILURES = ['another resource fails', 'its own update fails'] as const;

/** The resource's own update fails once it has written: its smoke test, or the integration's state. */
function failOnce(world: World, { type }: Content): void {
  if (type === ACTION) {
    world.genesys.faults({
      match: { method: 'POST', path: '/api/v2/integrations/actions/{actionId}/test', count: 'every' },
      action: { status: 200, body: { success: false, error: { code: 'bad', message: 'It fails' } } },
    });
    return;
  }
  world.genesys.faults({
    match: { method: 'PATCH', path: '/api/v2/integrations/{integrationId}' },
    action: { status: 400, body: { status: 400, code: 'bad.request', message: 'It fails' } },
  });
}

const smokeTest = ({ type }: Content) => (type === ACTION ? { SmokeTest: { Input: {} } } : {});

const cases = contents.flatMap((content) =>
  Object.keys(content.misfortunes).flatMap((misfortune) =>
    FAILURES.map((failure) => ({ content, what: content.name, misfortune, failure })),
  ),
);

test.each(cases)(
  '$what $misfortune, and $failure: the rollback puts back what there was',
  ({ content, misfortune, failure }) =>
    inWorld({ environment }, async (world) => {
      const { cloudFormation } = world;
      const created = await cloudFormation.createStack(
        'stack',
        only(content.type, content.properties(world, 1)),
      );
      expect(reasons(created)).not.toMatch(/Invalid|cannot|may not/);
      expect(created.status).toBe('CREATE_COMPLETE');
      const before = stateOf(world, idOf(created));
      expect(before).toBeDefined();

      const changed = content.properties(world, 2);
      const failsItself = failure === 'its own update fails';
      const template = only(content.type, failsItself ? { ...changed, ...smokeTest(content) } : changed);
      if (failsItself) failOnce(world, content);
      let after: unknown;
      world.containers.onEnd = ({ RequestType, LogicalResourceId }) => {
        if (RequestType !== 'Update' || LogicalResourceId !== 'Thing' || after !== undefined) return;
        after = stateOf(world, idOf(created));
        content.misfortunes[misfortune]?.(world);
      };
      const updated = await cloudFormation.updateStack(
        'stack',
        failsItself ? template : withFailure(template),
      );
      expect(after).not.toEqual(before);
      expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(idOf(updated)).toBe(idOf(created));
      expect(stateOf(world, idOf(updated))).toEqual(before);

      expect(JSON.stringify([...world.ledger('').values()])).not.toContain('CANARY');

      await cloudFormation.deleteStack('stack');
      expect(compare(world)).toEqual([]);
      expect([...world.made().keys()]).toEqual([]);
      expect(world.leaks()).toEqual([]);
      expect(world.output()).not.toContain('CANARY');

      expect(cloudFormation.violations()).toEqual([]);
    }),
);

const credentialsOf = (world: World) =>
  [...world.made().keys()].filter((key) => key.startsWith('credentials'));

test('an update of the notes alone reads no secret, so the secret may be gone', () =>
  withWorld(async (world) => {
    await world.cloudFormation.createStack('stack', webServices({}));
    world.aws.secrets.delete(CREDENTIALS_SECRET);
    const reads = () => world.aws.secretsRead.filter((arn) => arn === CREDENTIALS_SECRET).length;
    const before = reads();
    const updated = await world.cloudFormation.updateStack('stack', webServices({ Notes: 'new' }));
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(reads()).toBe(before);
    expect(credentialsOf(world)).toHaveLength(1);
  }));

test('the credential of before stays until the next request, and goes with the integration', () =>
  withWorld(async (world) => {
    const update = (changes: object) => world.cloudFormation.updateStack('stack', webServices(changes));
    await world.cloudFormation.createStack('stack', webServices({}));
    await update({ CredentialsSecretVersion: '2' });
    expect(credentialsOf(world)).toHaveLength(2);
    await update({ CredentialsSecretVersion: '2', Notes: 'new' });
    expect(credentialsOf(world)).toHaveLength(1);
    await update({ CredentialsSecretVersion: '3' });
    await update({ CredentialsSecretVersion: '4' });
    expect(credentialsOf(world)).toHaveLength(2);
    await world.cloudFormation.deleteStack('stack');
    expect([...world.made().keys()]).toEqual([]);
  }));

test('a credential that is gone is made again from the secret', () =>
  withWorld(async (world) => {
    const created = await world.cloudFormation.createStack('stack', webServices({}));
    const id = created.resources['Thing']?.attributes['CredentialId'] ?? '';
    world.genesys.faults({
      match: { method: 'GET', path: '/api/v2/integrations/credentials/{credentialId}', count: 'every' },
      action: { status: 404, body: { status: 404, code: 'not.found', message: 'gone' } },
    });
    const updated = await world.cloudFormation.updateStack('stack', webServices({ Notes: 'new' }));
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(updated.resources['Thing']?.attributes['CredentialId']).not.toBe(id);
    expect(compare(world)).toEqual([]);
  }));
