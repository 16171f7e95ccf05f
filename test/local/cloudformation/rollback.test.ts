import type { ReplacementRollback } from '../../../local/cloudformation/stack.ts';
import { created, events, start, statuses, stopDrivers, template, thing } from './driver.ts';
import { answerTo, upload } from './sample-provider.ts';

afterEach(stopDrivers);

describe('an update that fails', () => {
  test('is undone where it was done or tried, with old and new properties swapped', async () => {
    const { cloudFormation, since, provider } = await created({
      A: thing({ Name: 'a1' }),
      B: thing({ Name: 'b1' }, { DependsOn: 'A' }),
      C: thing({ Name: 'c' }),
    });
    const stack = await cloudFormation.updateStack(
      's',
      template({
        A: thing({ Name: 'a2' }),
        B: thing({ Name: 'b2', Fail: 'Update' }, { DependsOn: 'A' }),
        C: thing({ Name: 'c' }),
        D: thing({}, { DependsOn: 'A' }),
      }),
    );
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(statuses(stack, 's').slice(2)).toEqual([
      'UPDATE_IN_PROGRESS',
      'UPDATE_ROLLBACK_IN_PROGRESS',
      'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_ROLLBACK_COMPLETE',
    ]);
    const [a, , , ...undone] = since();
    expect(a).toMatch(/^Update A A-\d/);
    expect(undone.slice(0, 2)).toEqual([
      expect.stringMatching(/^Update A/),
      expect.stringMatching(/^Update B/),
    ]);
    expect(undone[2]).toMatch(/^Delete D/);
    const [back] = events(cloudFormation).filter(
      ({ RequestType, ResourceProperties }) =>
        RequestType === 'Update' && ResourceProperties['Name'] === 'b1',
    );
    expect(back?.OldResourceProperties).toMatchObject({ Name: 'b2', Fail: 'Update' });
    expect([...provider.things.values()].map(({ Name }) => Name).sort()).toEqual(['a1', 'b1', 'c']);
    expect(Object.keys(stack.resources).sort()).toEqual(['A', 'B', 'C']);
    expect(cloudFormation.violations()).toEqual([]);
  });

  // A is replaced, then B fails.
  const before = { A: thing({ Kind: 'x' }), B: thing({}, { DependsOn: 'A' }) };
  const after = template({ A: thing({ Kind: 'y' }), B: thing({ Fail: 'Update' }, { DependsOn: 'A' }) });
  test.each<[ReplacementRollback, string[]]>([
    ['update-back-then-delete-new', ['Update A A-3', 'Update B B-2', 'Delete A A-3']],
    ['update-old-then-delete-new', ['Update A A-1', 'Update B B-2', 'Delete A A-3']],
    ['delete-new-only', ['Update B B-2', 'Delete A A-3']],
    ['update-back', ['Update A A-3', 'Update B B-2']],
  ])('after a replacement goes back by %s', async (replacementRollback, expected) => {
    const { cloudFormation, since } = await created(before, { replacementRollback });
    const stack = await cloudFormation.updateStack('s', after);
    expect(since()).toEqual(['Update A A-1', 'Update B B-2', ...expected]);
    expect(stack.resources['A']).toMatchObject({ physicalId: 'A-1', properties: { Kind: 'x' } });
    const deleted = events(cloudFormation).findLast(({ RequestType }) => RequestType === 'Delete');
    if (deleted !== undefined) expect(deleted.ResourceProperties).toMatchObject({ Kind: 'y' });
  });

  test('with a new id in its own FAILED answer is updated back and that id deleted', async () => {
    const { cloudFormation, since, provider } = await created({ A: thing({ Kind: 'x' }) });
    await cloudFormation.updateStack(
      's',
      template({ A: thing({ Kind: 'y', Fail: 'Update after replacing' }) }),
    );
    expect(since()).toEqual(['Update A A-1', 'Update A A-2', 'Delete A A-2']);
    expect([...provider.things.keys()]).toEqual(['A-1']);
  });

  test('keeps the new object when the update back answers with its id', async () => {
    const { cloudFormation } = await start({}, async (event) => {
      const PhysicalResourceId = event.RequestType === 'Create' ? 'old' : 'new';
      const failed = event.RequestType === 'Update' && event.ResourceProperties['Name'] === '2';
      const fields = failed ? { Status: 'FAILED', Reason: 'x', PhysicalResourceId } : { PhysicalResourceId };
      await upload(event.ResponseURL, answerTo(event, fields));
    });
    await cloudFormation.createStack('s', template({ A: thing({ Name: 1 }) }));
    const stack = await cloudFormation.updateStack('s', template({ A: thing({ Name: 2 }) }));
    expect(cloudFormation.sequence()).toEqual(['Create A', 'Update A old', 'Update A new']);
    expect(stack.resources['A']?.physicalId).toBe('new');
  });

  test('cancels an Update that still runs and sends its rollback after it', async () => {
    const { cloudFormation, provider, since } = await created({ Slow: thing({ Name: 1 }), Bad: thing() });
    const gate = Promise.withResolvers<void>();
    provider.before = ({ LogicalResourceId, ResourceProperties }) =>
      LogicalResourceId === 'Slow' && ResourceProperties['Name'] === '2' ? gate.promise : undefined;
    const stack = await cloudFormation.updateStack(
      's',
      template({ Slow: thing({ Name: 2 }), Bad: thing({ Fail: 'Update' }) }),
    );
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(since().filter((line) => line.includes('Slow'))).toEqual([
      'Update Slow Slow-1',
      'Update Slow Slow-1',
    ]);
    expect(stack.events.map(({ ResourceStatusReason }) => ResourceStatusReason)).toContain(
      'Resource update cancelled',
    );
    gate.resolve();
  });

  test('and whose rollback fails waits in UPDATE_ROLLBACK_FAILED until it is continued', async () => {
    const { cloudFormation, provider, since } = await created({
      A: thing({ Name: 1 }),
      B: thing({ Name: 1 }, { DependsOn: 'A' }),
    });
    let broken = true;
    provider.before = async ({ LogicalResourceId, ResourceProperties }) => {
      if (broken && LogicalResourceId === 'A' && ResourceProperties['Name'] === '1')
        ResourceProperties['Fail'] = 'Update';
    };
    const bad = template({ A: thing({ Name: 2 }), B: thing({ Fail: 'Update' }, { DependsOn: 'A' }) });
    expect((await cloudFormation.updateStack('s', bad)).status).toBe('UPDATE_ROLLBACK_FAILED');
    await expect(cloudFormation.updateStack('s', template({ A: thing() }))).rejects.toThrow(
      /UPDATE_ROLLBACK_FAILED/,
    );
    broken = false;
    const stack = await cloudFormation.continueUpdateRollback('s');
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(since()).toEqual(['Update A A-1', 'Update B B-2', 'Update A A-1', 'Update A A-1', 'Update B B-2']);
    expect(events(cloudFormation).at(-2)).toMatchObject({
      ResourceProperties: { Name: '1' },
      OldResourceProperties: { Name: '2' },
    });
  });

  test('can be continued without a resource that cannot be rolled back', async () => {
    const { cloudFormation, provider } = await created({ A: thing({ Name: 1 }) });
    provider.before = async ({ ResourceProperties, RequestType }) => {
      if (RequestType === 'Update') ResourceProperties['Fail'] = 'Update';
    };
    expect((await cloudFormation.updateStack('s', template({ A: thing({ Name: 2 }) }))).status).toBe(
      'UPDATE_ROLLBACK_FAILED',
    );
    expect((await cloudFormation.continueUpdateRollback('s', ['A'])).status).toBe('UPDATE_ROLLBACK_COMPLETE');
  });
});
