import { start, stopDrivers, template, thing } from './driver.ts';

afterEach(stopDrivers);

describe('a deletion', () => {
  test('goes in reverse order with the last properties and ids, and the stack can be described by its id only', async () => {
    const { cloudFormation } = await start();
    const { id } = await cloudFormation.createStack(
      's',
      template({ A: thing(), B: thing({ Of: { Ref: 'A' } }) }),
    );
    const stack = await cloudFormation.deleteStack('s');
    expect(stack.status).toBe('DELETE_COMPLETE');
    expect(cloudFormation.sequence().slice(2)).toEqual(['Delete B B-2', 'Delete A A-1']);
    expect(() => cloudFormation.describe('s')).toThrow('Stack with id s does not exist');
    expect(cloudFormation.describe(id).status).toBe('DELETE_COMPLETE');
    const again = await cloudFormation.createStack('s', template({ A: thing() }));
    expect(again.id).not.toBe(id);
  });

  test('that fails leaves DELETE_FAILED and what others still need; the next one carries on', async () => {
    const { cloudFormation, provider } = await start({ concurrency: 1 });
    await cloudFormation.createStack(
      's',
      template({ A: thing(), B: thing({ Fail: 'Delete' }, { DependsOn: 'A' }), C: thing() }),
    );
    const stack = await cloudFormation.deleteStack('s');
    expect(stack).toMatchObject({
      status: 'DELETE_FAILED',
      reason: 'The following resource(s) failed to delete: [B].',
      resources: {
        A: { status: 'CREATE_COMPLETE' },
        B: { status: 'DELETE_FAILED' },
        C: { status: 'DELETE_COMPLETE' },
      },
    });
    provider.before = async (event) => {
      event.ResourceProperties['Fail'] = '';
    };
    expect((await cloudFormation.deleteStack('s')).status).toBe('DELETE_COMPLETE');
    expect(cloudFormation.sequence().slice(-2)).toEqual([
      `Delete B ${stack.resources['B']?.physicalId}`,
      expect.stringMatching(/^Delete A/),
    ]);
    expect(provider.things.size).toBe(0);
  });

  test('may leave the resource that cannot be deleted', async () => {
    const { cloudFormation } = await start();
    await cloudFormation.createStack('s', template({ A: thing({ Fail: 'Delete' }) }));
    await expect(cloudFormation.deleteStack('s', { retainResources: ['A'] })).rejects.toThrow(
      'RetainResources',
    );
    await cloudFormation.deleteStack('s');
    expect((await cloudFormation.deleteStack('s', { retainResources: ['A'] })).status).toBe(
      'DELETE_COMPLETE',
    );
  });

  test('sends nothing for DeletionPolicy Retain', async () => {
    const { cloudFormation } = await start();
    await cloudFormation.createStack('s', template({ A: thing({}, { DeletionPolicy: 'Retain' }) }));
    const stack = await cloudFormation.deleteStack('s');
    expect(cloudFormation.sequence()).toEqual(['Create A']);
    expect(stack.resources['A']?.status).toBe('DELETE_SKIPPED');
  });

  test('tells RetainExceptOnCreate apart: deleted in the rollback of its creation, retained later', async () => {
    const { cloudFormation } = await start();
    const kept = thing({}, { DeletionPolicy: 'RetainExceptOnCreate' });
    await cloudFormation.createStack(
      'failed',
      template({ A: kept, B: thing({ Fail: 'Create' }, { DependsOn: 'A' }) }),
    );
    expect(cloudFormation.sequence()).toContain('Delete A A-1');
    await cloudFormation.createStack('good', template({ A: kept }));
    const already = cloudFormation.sequence().length;
    await cloudFormation.deleteStack('good');
    expect(cloudFormation.sequence()).toHaveLength(already);
  });
});
