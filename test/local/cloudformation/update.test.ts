import { created, events, start, statuses, stopDrivers, template, thing } from './driver.ts';

afterEach(stopDrivers);

describe('an update', () => {
  test('reaches only the resources whose properties changed', async () => {
    const { cloudFormation, since } = await created({ A: thing({ Name: 'a' }), B: thing({ Name: 'b' }) });
    const stack = await cloudFormation.updateStack(
      's',
      template({ A: thing({ Name: 'a' }), B: thing({ Name: 'new' }) }),
    );
    expect(stack.status).toBe('UPDATE_COMPLETE');
    expect(since()).toEqual(['Update B B-2']);
    expect(statuses(stack, 's').slice(2)).toEqual([
      'UPDATE_IN_PROGRESS',
      'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
      'UPDATE_COMPLETE',
    ]);
  });

  test('without any change is refused, and so is another resource type', async () => {
    const { cloudFormation } = await created({ A: thing() });
    await expect(cloudFormation.updateStack('s', template({ A: thing() }))).rejects.toThrow('No updates');
    const other = { A: { ...thing(), Type: 'Custom::Other' } };
    await expect(cloudFormation.updateStack('s', template(other))).rejects.toThrow(
      'resource type is not permitted',
    );
  });

  test('leaves its template behind when it succeeds, the old one when it fails', async () => {
    const { cloudFormation } = await created({ A: thing({ Name: 1 }) });
    const [first, second] = [template({ A: thing({ Name: 1 }) }), template({ A: thing({ Name: 2 }) })];
    await cloudFormation.updateStack('s', second);
    await expect(cloudFormation.updateStack('s', second)).rejects.toThrow('No updates');
    await cloudFormation.updateStack('s', first);
    await cloudFormation.updateStack('s', template({ A: thing({ Fail: 'Update' }) }));
    await expect(cloudFormation.updateStack('s', first)).rejects.toThrow('No updates');
  });

  test('that cannot resolve a new resource forgets it in the rollback', async () => {
    const { cloudFormation, since } = await created({ A: thing() });
    const stack = await cloudFormation.updateStack(
      's',
      template({ A: thing(), B: thing({ Of: { 'Fn::GetAtt': ['A', 'Missing'] } }) }),
    );
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(since()).toEqual([]);
    expect(Object.keys(stack.resources)).toEqual(['A']);
  });

  test('creates what is new and deletes what is gone, that last', async () => {
    const { cloudFormation, since } = await created({ A: thing(), B: thing({}, { DependsOn: 'A' }) });
    const stack = await cloudFormation.updateStack('s', template({ C: thing() }));
    expect(since()).toEqual(['Create C', 'Delete B B-2', 'Delete A A-1']);
    expect(Object.keys(stack.resources)).toEqual(['C']);
  });

  test('that replaces deletes the old object with its old properties in the clean-up, dependents first updated', async () => {
    const { cloudFormation, since, provider } = await created({
      A: thing({ Kind: 'x' }),
      B: thing({ Of: { Ref: 'A' } }),
    });
    const stack = await cloudFormation.updateStack(
      's',
      template({ A: thing({ Kind: 'y' }), B: thing({ Of: { Ref: 'A' } }) }),
    );
    expect(since()).toEqual(['Update A A-1', 'Update B B-2', 'Delete A A-1']);
    expect(events(cloudFormation).at(-1)?.ResourceProperties).toMatchObject({ Kind: 'x' });
    expect(stack.resources['A']).toMatchObject({ physicalId: 'A-3', status: 'UPDATE_COMPLETE' });
    expect(stack.status).toBe('UPDATE_COMPLETE');
    expect([...provider.things.keys()]).toEqual(['B-2', 'A-3']);
  });

  test('completes although the old object could not be deleted', async () => {
    const { cloudFormation, since } = await created({ A: thing({ Kind: 'x', Fail: 'Delete' }) });
    const stack = await cloudFormation.updateStack('s', template({ A: thing({ Kind: 'y' }) }));
    expect(since()).toEqual(['Update A A-1', 'Delete A A-1']);
    expect(stack.status).toBe('UPDATE_COMPLETE');
    expect(statuses(stack, 'A')).toContain('DELETE_FAILED');
  });

  test('keeps the old object under UpdateReplacePolicy Retain', async () => {
    const retained = (Kind: string) => ({ A: thing({ Kind }, { UpdateReplacePolicy: 'Retain' }) });
    const { cloudFormation, since, provider } = await created(retained('x'));
    await cloudFormation.updateStack('s', template(retained('y')));
    expect(since()).toEqual(['Update A A-1']);
    expect([...provider.things.keys()]).toEqual(['A-1', 'A-2']);
  });

  test('may not change the service token', async () => {
    const { cloudFormation, since } = await created({ A: thing() });
    const other = 'arn:aws:lambda:us-east-1:123456789012:function:other';
    const stack = await cloudFormation.updateStack('s', template({ A: thing({ ServiceToken: other }) }));
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(since()).toEqual([]);
    expect(stack.resources['A']?.status).toBe('UPDATE_COMPLETE');
  });
});

test('a logical id and an attribute may have names that every object inherits', async () => {
  const { cloudFormation } = await start();
  const stack = await cloudFormation.createStack(
    's',
    template({ constructor: thing({ Name: 'a' }), B: thing({ Of: { Ref: 'constructor' } }) }),
  );
  expect(stack.status).toBe('CREATE_COMPLETE');
  expect(events(cloudFormation).at(-1)?.ResourceProperties).toMatchObject({ Of: 'constructor-1' });
  const updated = await cloudFormation.updateStack('s', template({ B: thing() }));
  expect(updated.status).toBe('UPDATE_COMPLETE');
  expect(cloudFormation.sequence().at(-1)).toBe('Delete constructor constructor-1');

  const unresolved = cloudFormation.createStack('t', template({ A: thing({ Of: { Ref: 'toString' } }) }));
  await expect(unresolved).rejects.toThrow('Unresolved resource dependencies [toString]');
  const lacking = await cloudFormation.createStack(
    'u',
    template({ A: thing(), B: thing({ Of: { 'Fn::GetAtt': ['A', 'constructor'] } }) }),
  );
  expect(lacking.status).toBe('ROLLBACK_COMPLETE');
});
