import { manualClock } from '../../support/manual-clock.ts';
import { events, start, statuses, stopDrivers, template, thing } from './driver.ts';
import { answerTo, upload } from './sample-provider.ts';

afterEach(stopDrivers);

describe('a failed Create', () => {
  test('is rolled back in reverse order, the failed one with the id that it answered', async () => {
    const { cloudFormation, provider } = await start();
    const stack = await cloudFormation.createStack(
      's',
      template({
        A: thing(),
        B: thing({ Fail: 'Create' }, { DependsOn: 'A' }),
        C: thing({}, { DependsOn: 'B' }),
      }),
    );
    const [, failed] = events(cloudFormation);
    expect(cloudFormation.sequence()).toEqual([
      'Create A',
      'Create B',
      `Delete B nothing/${failed?.RequestId}`,
      'Delete A A-1',
    ]);
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(statuses(stack, 's')).toEqual(['CREATE_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_COMPLETE']);
    expect(statuses(stack, 'B')).toEqual([
      'CREATE_IN_PROGRESS',
      'CREATE_FAILED',
      'DELETE_IN_PROGRESS',
      'DELETE_COMPLETE',
    ]);
    expect(
      stack.events.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')?.ResourceStatusReason,
    ).toBe(
      `Received response status [FAILED] from custom resource. Message returned: told to fail (RequestId: ${failed?.RequestId})`,
    );
    expect(provider.things.size).toBe(0);
    expect(cloudFormation.violations()).toEqual([]);
    await expect(cloudFormation.updateStack('s', template({ A: thing() }))).rejects.toThrow(
      /ROLLBACK_COMPLETE state/,
    );
    expect((await cloudFormation.deleteStack('s')).status).toBe('DELETE_COMPLETE');
    expect(cloudFormation.sequence()).toHaveLength(4);
  });

  test('stays as it is when rollback is disabled', async () => {
    const { cloudFormation } = await start();
    const stack = await cloudFormation.createStack('s', template({ A: thing({ Fail: 'Create' }) }), {
      disableRollback: true,
    });
    expect(stack.status).toBe('CREATE_FAILED');
    expect(cloudFormation.sequence()).toEqual(['Create A']);
  });

  test('with on-failure DELETE deletes the stack, which is never in the state of a rollback', async () => {
    const { cloudFormation, provider } = await start();
    const failing = template({ A: thing(), B: thing({ Fail: 'Create' }, { DependsOn: 'A' }) });
    const stack = await cloudFormation.createStack('s', failing, { onFailure: 'DELETE' });
    expect(stack.status).toBe('DELETE_COMPLETE');
    expect(provider.things.size).toBe(0);
    const own = stack.events.filter(({ PhysicalResourceId }) => PhysicalResourceId === stack.id);
    expect(own.map(({ ResourceStatus }) => ResourceStatus)).toEqual([
      'CREATE_IN_PROGRESS',
      'DELETE_IN_PROGRESS',
      'DELETE_COMPLETE',
    ]);
  });

  test('that nobody answers ends with its ServiceTimeout, and its Delete has an invented id', async () => {
    // The response server has real time, in which the ResponseURLs must be valid.
    const clock = manualClock(Date.now());
    const { cloudFormation, provider } = await start({ clock });
    const begun = Promise.withResolvers<void>();
    provider.before = ({ RequestType }) => {
      if (RequestType !== 'Create') return undefined;
      begun.resolve();
      return new Promise(() => {});
    };
    const creation = cloudFormation.createStack('stack', template({ A: thing({ ServiceTimeout: 30 }) }));
    await begun.promise;
    clock.advance(30_000);
    const stack = await creation;
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(
      stack.events.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')?.ResourceStatusReason,
    ).toMatch(/did not receive a response/);
    expect(events(cloudFormation)[1]?.PhysicalResourceId).toMatch(/^stack-A-[A-Za-z0-9]{12}$/);
  });

  test.each([
    ['without an id', { PhysicalResourceId: undefined }, /Invalid PhysicalResourceId/],
    ['with an id of more than 1 KB', { PhysicalResourceId: 'x'.repeat(1025) }, /Invalid PhysicalResourceId/],
    ['with more than 4,096 bytes', { Data: { Long: 'x'.repeat(4096) } }, /too long/],
  ])('is what a SUCCESS %s comes to; its Delete has an invented id', async (_, spoiled, reason) => {
    const { cloudFormation } = await start({}, async (event) => {
      await upload(event.ResponseURL, answerTo(event, event.RequestType === 'Create' ? spoiled : {}));
    });
    const stack = await cloudFormation.createStack('s', template({ A: thing() }));
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(
      stack.events.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')?.ResourceStatusReason,
    ).toMatch(reason);
    expect(events(cloudFormation)[1]?.PhysicalResourceId).toMatch(/^s-A-[A-Za-z0-9]{12}$/);
    expect(cloudFormation.violations()).toHaveLength(1);
  });

  test('cancels a Create that still runs: its Delete with an invented id overtakes it', async () => {
    const { cloudFormation, provider } = await start();
    const gate = Promise.withResolvers<void>();
    const deleted = Promise.withResolvers<void>();
    provider.before = ({ RequestType, LogicalResourceId }) => {
      if (RequestType === 'Delete' && LogicalResourceId === 'Slow') deleted.resolve();
      return RequestType === 'Create' && LogicalResourceId === 'Slow' ? gate.promise : undefined;
    };
    const stack = await cloudFormation.createStack(
      's',
      template({ Slow: thing(), Bad: thing({ Fail: 'Create' }) }),
    );
    await deleted.promise;
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(cloudFormation.requests[0]?.uploads).toHaveLength(0);
    expect(cloudFormation.sequence()).toContainEqual(expect.stringMatching(/^Delete Slow s-Slow-\w{12}$/));
    expect(stack.events.map(({ ResourceStatusReason }) => ResourceStatusReason)).toContain(
      'Resource creation cancelled',
    );
    gate.resolve();
    await cloudFormation.idle();
    expect(cloudFormation.requests[0]?.uploads).toHaveLength(1);
  });

  test('waits for a Create that still runs where asked to', async () => {
    const { cloudFormation, provider } = await start({ whenOneFails: 'wait' });
    const failed = Promise.withResolvers<void>();
    provider.before = ({ RequestType, LogicalResourceId }) => {
      if (RequestType !== 'Create') return undefined;
      if (LogicalResourceId === 'Bad') failed.resolve();
      return LogicalResourceId === 'Slow' ? failed.promise : undefined;
    };
    await cloudFormation.createStack('s', template({ Slow: thing(), Bad: thing({ Fail: 'Create' }) }));
    expect(cloudFormation.sequence()).toContainEqual(expect.stringMatching(/^Delete Slow Slow-\d$/));
  });

  test('keeps what was not begun from being begun', async () => {
    const { cloudFormation } = await start({ concurrency: 1, whenOneFails: 'wait' });
    await cloudFormation.createStack('s', template({ A: thing({ Fail: 'Create' }), B: thing() }), {
      disableRollback: true,
    });
    expect(cloudFormation.sequence()).toEqual(['Create A']);
  });

  test('whose Delete fails too leaves ROLLBACK_FAILED', async () => {
    const { cloudFormation } = await start();
    const stack = await cloudFormation.createStack(
      's',
      template({ A: thing({ Fail: 'Delete' }), B: thing({ Fail: 'Create' }, { DependsOn: 'A' }) }),
    );
    expect(stack.status).toBe('ROLLBACK_FAILED');
    expect(stack.resources['A']?.status).toBe('DELETE_FAILED');
  });
});
