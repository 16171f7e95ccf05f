import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import type { Redelivery } from '../../../local/cloudformation/deliveries.ts';
import { InProcessInvoker } from '../../../local/cloudformation/in-process-invoker.ts';
import { ResponseServer } from '../../../local/cloudformation/response-server.ts';
import {
  CloudFormation,
  type CloudFormationOptions,
  type ReplacementRollback,
  type StackView,
} from '../../../local/cloudformation/stack.ts';
import type { Template } from '../../../local/cloudformation/template.ts';
import { answerTo, SampleProvider, upload } from './sample-provider.ts';

let stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  stops = [];
});

type Handler = (event: CloudFormationCustomResourceEvent) => Promise<void>;

/** CloudFormation before the sample provider, or before a handler that does worse. */
async function start(options: Partial<CloudFormationOptions> = {}, handler?: Handler) {
  const provider = new SampleProvider();
  const responses = await ResponseServer.start();
  const invoker = new InProcessInvoker(handler ?? provider.handler);
  const cloudFormation = new CloudFormation({ invoker, responses, retryDelaysMs: [0, 0], ...options });
  stops.push(
    () => responses.stop(),
    () => cloudFormation.stop(),
  );
  return { provider, responses, cloudFormation };
}

const thing = (properties: Record<string, unknown> = {}, more: object = {}) => ({
  Type: 'Custom::Thing',
  Properties: properties,
  ...more,
});
const template = (resources: Template['Resources'], outputs: Record<string, unknown> = {}): Template => ({
  Resources: resources,
  Outputs: Object.fromEntries(Object.entries(outputs).map(([name, Value]) => [name, { Value }])),
});

describe('a stack without failures', () => {
  test('is created in the order of dependency, with ids and attributes handed on', async () => {
    const { cloudFormation, provider } = await start();
    const stack = await cloudFormation.createStack(
      'good',
      template(
        {
          B: thing({ Of: { Ref: 'A' }, Name: { 'Fn::GetAtt': ['A', 'Name'] } }),
          A: thing({ Name: 'first' }),
          C: thing({}, { DependsOn: 'B' }),
        },
        { Id: { Ref: 'B' }, Name: { 'Fn::GetAtt': 'B.Name' } },
      ),
    );
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(cloudFormation.sequence()).toEqual(['Create A', 'Create B', 'Create C']);
    expect(stack.outputs).toEqual({ Id: 'B-2', Name: 'first' });
    expect(provider.things.get('B-2')).toMatchObject({ Of: 'A-1', Name: 'first' });
    expect(cloudFormation.violations()).toEqual([]);
  });
});

/** Events by what they hold, without what differs from run to run. */
const events = (cloudFormation: CloudFormation) => cloudFormation.requests.map(({ event }) => event);
const statuses = (stack: StackView, logicalId: string) =>
  stack.events
    .filter((event) => event.LogicalResourceId === logicalId)
    .map(({ ResourceStatus }) => ResourceStatus);

describe('an event', () => {
  test('has exactly the fields that CloudFormation sends', async () => {
    const { cloudFormation } = await start();
    const stack = await cloudFormation.createStack(
      's',
      template({ A: thing({ Name: 'a', ServiceTimeout: 60 }) }),
    );
    await cloudFormation.updateStack('s', template({ A: thing({ Name: 'b', ServiceTimeout: 60 }) }));
    await cloudFormation.deleteStack('s');
    const common = {
      ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:provider',
      ResponseURL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\//),
      StackId: stack.id,
      RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      LogicalResourceId: 'A',
      ResourceType: 'Custom::Thing',
    };
    const properties = (Name: string) => ({ ServiceToken: common.ServiceToken, Name, ServiceTimeout: '60' });
    expect(events(cloudFormation)).toEqual([
      { ...common, RequestType: 'Create', ResourceProperties: properties('a') },
      {
        ...common,
        RequestType: 'Update',
        PhysicalResourceId: 'A-1',
        ResourceProperties: properties('b'),
        OldResourceProperties: properties('a'),
      },
      { ...common, RequestType: 'Delete', PhysicalResourceId: 'A-1', ResourceProperties: properties('b') },
    ]);
    expect(new Set(events(cloudFormation).map(({ RequestId }) => RequestId)).size).toBe(3);
    expect(stack.id).toMatch(/^arn:aws:cloudformation:us-east-1:123456789012:stack\/s\/[0-9a-f-]{36}$/);
  });

  test('has every scalar as a string, at any depth, and nothing for AWS::NoValue', async () => {
    const { cloudFormation } = await start();
    const properties = {
      Yes: true,
      Count: 3,
      Half: 1.5,
      Empty: '',
      Nested: { No: false, List: [1, 'two', { Three: 3 }, { Ref: 'AWS::NoValue' }] },
      Gone: { Ref: 'AWS::NoValue' },
      Stack: { Ref: 'AWS::StackName' },
    };
    await cloudFormation.createStack('s', template({ A: thing(properties) }));
    const { ServiceToken, ...sent } = events(cloudFormation)[0]?.ResourceProperties ?? {};
    expect(sent).toEqual({
      Yes: 'true',
      Count: '3',
      Half: '1.5',
      Empty: '',
      Nested: { No: 'false', List: ['1', 'two', { Three: '3' }] },
      Stack: 's',
    });
  });
});

test('a ResponseURL is signed at the time that a test sets', async () => {
  const { cloudFormation } = await start({ signedAtMs: () => Date.UTC(2026, 10, 20, 12) });
  const creation = cloudFormation.createStack('s', template({ A: thing({ ServiceTimeout: 1 }) }), {
    disableRollback: true,
  });
  expect(events(cloudFormation)[0]?.ResponseURL).toContain('X-Amz-Date=20261120T120000Z');
  await cloudFormation.stop();
  await creation;
});

describe('resources without dependency', () => {
  test('are created at the same time', async () => {
    const { cloudFormation, provider } = await start();
    const begun: string[] = [];
    const { promise: both, resolve } = Promise.withResolvers<void>();
    provider.before = ({ LogicalResourceId }) => {
      begun.push(LogicalResourceId);
      if (begun.length === 2) resolve();
      return both; // neither goes on before both have begun
    };
    const stack = await cloudFormation.createStack('s', template({ A: thing(), B: thing() }));
    expect(stack.status).toBe('CREATE_COMPLETE');
  });

  test('are no more at a time than the limit', async () => {
    const { cloudFormation, provider } = await start({ concurrency: 2 });
    let running = 0;
    let most = 0;
    provider.before = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
    };
    const names = ['A', 'B', 'C', 'D', 'E'];
    await cloudFormation.createStack('s', template(Object.fromEntries(names.map((name) => [name, thing()]))));
    expect(most).toBe(2);
  });
});

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

  test('that nobody answers ends with its ServiceTimeout, and its Delete has an invented id', async () => {
    const { cloudFormation, provider } = await start({ serviceTimeoutSecondMs: 1 });
    provider.before = ({ RequestType }) => (RequestType === 'Create' ? new Promise(() => {}) : undefined);
    const stack = await cloudFormation.createStack('stack', template({ A: thing({ ServiceTimeout: 30 }) }));
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

describe('Fn::GetAtt of an attribute that the answer lacks', () => {
  test('fails the resource that reads it', async () => {
    const { cloudFormation } = await start();
    const stack = await cloudFormation.createStack(
      's',
      template({ A: thing(), B: thing({ Of: { 'Fn::GetAtt': ['A', 'Missing'] } }) }),
    );
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(cloudFormation.sequence()).toEqual(['Create A', 'Delete A A-1']);
    expect(stack.events.map(({ ResourceStatusReason }) => ResourceStatusReason)).toContainEqual(
      expect.stringMatching(/Vendor response doesn't contain Missing key/),
    );
  });

  test('fails the stack when an output reads it', async () => {
    const { cloudFormation } = await start();
    const outputs = { Missing: { 'Fn::GetAtt': 'A.Missing' } };
    const stack = await cloudFormation.createStack('s', template({ A: thing() }, outputs));
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
  });
});

describe('an update', () => {
  const created = async (resources: Template['Resources'], options: Partial<CloudFormationOptions> = {}) => {
    const started = await start(options);
    await started.cloudFormation.createStack('s', template(resources));
    const already = started.cloudFormation.sequence().length;
    return { ...started, since: () => started.cloudFormation.sequence().slice(already) };
  };

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

  describe('that fails', () => {
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
        const fields = failed
          ? { Status: 'FAILED', Reason: 'x', PhysicalResourceId }
          : { PhysicalResourceId };
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
      expect(since()).toEqual([
        'Update A A-1',
        'Update B B-2',
        'Update A A-1',
        'Update A A-1',
        'Update B B-2',
      ]);
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
      expect((await cloudFormation.continueUpdateRollback('s', ['A'])).status).toBe(
        'UPDATE_ROLLBACK_COMPLETE',
      );
    });
  });
});

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

describe('a delivery', () => {
  test('that throws is repeated twice, with the same event', async () => {
    const seen: CloudFormationCustomResourceEvent[] = [];
    const { cloudFormation } = await start({}, async (event) => {
      seen.push(event);
      if (seen.length < 3) throw new Error('crash');
      await upload(event.ResponseURL, answerTo(event));
    });
    const stack = await cloudFormation.createStack('s', template({ A: thing() }));
    await cloudFormation.idle();
    expect(stack.status).toBe('CREATE_COMPLETE');
    expect(seen).toEqual([seen[0], seen[0], seen[0]]);
    expect(cloudFormation.requests[0]?.deliveries).toEqual([{ ends: ['crashed', 'crashed', 'returned'] }]);
  });

  test('that crashed three times is given up; ServiceTimeout ends the wait', async () => {
    const { cloudFormation } = await start({ serviceTimeoutSecondMs: 1 }, async () => {
      throw new Error('crash');
    });
    const stack = await cloudFormation.createStack('s', template({ A: thing({ ServiceTimeout: 50 }) }), {
      disableRollback: true,
    });
    expect(stack.status).toBe('CREATE_FAILED');
    expect(cloudFormation.requests[0]?.deliveries).toEqual([{ ends: ['crashed', 'crashed', 'crashed'] }]);
  });

  test('that crashes after its answer was accepted is repeated nevertheless', async () => {
    let calls = 0;
    const { cloudFormation } = await start({}, async (event) => {
      calls += 1;
      await upload(event.ResponseURL, answerTo(event));
      if (calls === 1) throw new Error('crash after the answer');
    });
    await cloudFormation.createStack('s', template({ A: thing() }));
    await cloudFormation.idle();
    expect(calls).toBe(2);
    expect(cloudFormation.violations()).toEqual([]);
  });

  test('at once: the same event twice at the same time', async () => {
    const { promise: both, resolve } = Promise.withResolvers<void>();
    const { cloudFormation, provider } = await start({ redelivery: () => 'at once' });
    let begun = 0;
    provider.before = ({ RequestType }) => {
      if (RequestType !== 'Create') return undefined;
      begun += 1;
      if (begun === 2) resolve();
      return both;
    };
    await cloudFormation.createStack('s', template({ A: thing() }));
    await cloudFormation.idle();
    expect(begun).toBe(2);
    expect(provider.things.size).toBe(1);
    expect(cloudFormation.violations()).toEqual([]);
  });

  test.each<Redelivery>(['again', 'after the answer'])(
    '%s: the same event a second time',
    async (redelivery) => {
      const seen: string[] = [];
      const { cloudFormation, provider } = await start({
        redelivery: ({ RequestType }) => (RequestType === 'Create' ? redelivery : 'once'),
      });
      provider.before = async ({ RequestType, RequestId }) => {
        seen.push(`${RequestType} ${RequestId}`);
      };
      await cloudFormation.createStack('s', template({ A: thing() }));
      await cloudFormation.idle();
      expect(seen).toEqual([seen[0], seen[0]]);
      expect(provider.things.size).toBe(1);
      expect(cloudFormation.requests[0]?.deliveries).toHaveLength(2);
    },
  );

  test('late: long after the stack has settled', async () => {
    const { cloudFormation, provider } = await start();
    await cloudFormation.createStack('s', template({ A: thing() }));
    await cloudFormation.deleteStack('s');
    const seen: string[] = [];
    provider.before = async ({ RequestType }) => {
      seen.push(RequestType);
    };
    await cloudFormation.redeliver(events(cloudFormation)[0]?.RequestId ?? '');
    expect(seen).toEqual(['Create']);
  });

  test('of a provider that answers two different things is reported', async () => {
    let calls = 0;
    const { cloudFormation } = await start({ redelivery: () => 'again' }, async (event) => {
      calls += 1;
      await upload(event.ResponseURL, answerTo(event, { PhysicalResourceId: `object-${calls}` }));
    });
    await cloudFormation.createStack('s', template({ A: thing() }));
    await cloudFormation.idle();
    expect(cloudFormation.violations()).toEqual([
      'Create A: SUCCESS contradicts the earlier answer, SUCCESS',
    ]);
  });
});

describe('a template is refused', () => {
  test.each<[string, Template['Resources'], RegExp]>([
    [
      'with a circle',
      { A: thing({}, { DependsOn: 'B' }), B: thing({ Of: { Ref: 'A' } }) },
      /Circular dependency/,
    ],
    [
      'with an unknown reference',
      { A: thing({ Of: { Ref: 'Nobody' } }) },
      /Unresolved resource dependencies \[Nobody\]/,
    ],
    ['with a function that has to be resolved before', { A: thing({ Of: { 'Fn::Sub': 'x' } }) }, /Fn::Sub/],
  ])('%s', async (_, resources, message) => {
    const { cloudFormation } = await start();
    await expect(cloudFormation.createStack('s', template(resources))).rejects.toThrow(message);
  });
});

test('one stack takes one operation at a time, and a name one stack', async () => {
  const { cloudFormation } = await start();
  const creation = cloudFormation.createStack('s', template({ A: thing() }));
  expect(cloudFormation.describe('s').status).toBe('CREATE_IN_PROGRESS');
  await expect(cloudFormation.deleteStack('s')).rejects.toThrow(/CREATE_IN_PROGRESS/);
  await expect(cloudFormation.createStack('s', template({ A: thing() }))).rejects.toThrow('already exists');
  await creation;
});
