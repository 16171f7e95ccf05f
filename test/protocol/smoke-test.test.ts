/** A data action with a smoke test is run once after it was written. A failed run leaves no new object. */
import type { StackView } from '../../local/cloudformation/stack.ts';
import type { Template } from '../../local/cloudformation/template.ts';
import { compare, objects } from '../../local/faults/verdicts.ts';
import type { CallFault } from '../../local/provider/containers.ts';
import { inWorld, only, reasons, type World } from '../../local/provider/world.ts';
import { byHand } from './by-hand.ts';

const ACTION = 'Custom::GenesysDataAction';
const TEST = '/api/v2/integrations/actions/{actionId}/test';

const CONTRACT = {
  Input: {
    type: 'object',
    properties: { orderId: { type: 'string' }, limit: { type: 'integer' }, urgent: { type: 'boolean' } },
  },
  Output: {
    type: 'object',
    properties: {
      found: { type: 'boolean' },
      order: {
        type: 'object',
        properties: { total: { type: 'number' }, lines: { type: 'array', items: { type: 'integer' } } },
      },
    },
  },
};
const ORDER = { found: true, order: { total: 12.5, lines: [1, 2], customer: 'Ada' } };

const template = (world: World, extra: Record<string, unknown> = {}): Template =>
  only(ACTION, {
    IntegrationId: world.webServicesId,
    Name: 'Look up order',
    Category: 'Orders',
    Contract: CONTRACT,
    Request: { UrlTemplate: `${world.service.url}/orders` },
    SmokeTest: { Input: { orderId: 'A-1001', limit: 5, urgent: true } },
    ...extra,
  });
const expecting = (ExpectOutput: unknown, Input: unknown = { orderId: 'A-1001' }) => ({
  SmokeTest: { Input, ExpectOutput },
});
const idOf = (stack: StackView) => stack.resources['Thing']?.physicalId ?? '';
const tests = (world: World) => world.genesys.calls().filter(({ template: path }) => path === TEST);

/** The customer's web service answers with an order unless a test changes that. */
const withWorld = (run: (world: World) => Promise<void>) =>
  inWorld({}, async (world) => {
    world.service.answer = { status: 200, body: ORDER };
    await run(world);
    expect(world.cloudFormation.violations()).toEqual([]);
    expect(world.leaks()).toEqual([]);
  });

const create = (world: World, extra = {}) =>
  world.cloudFormation.createStack('stack', template(world, extra));
const update = (world: World, extra = {}) =>
  world.cloudFormation.updateStack('stack', template(world, extra));

const KIND = 'ACTION.REMOTE_ENDPOINT';
/** The answer of Genesys Cloud to a failed run: the reason is a level below. */
const envelope = (message: string) => ({
  message: 'Internal Server Error',
  code: 'internal.server.error',
  status: 500,
  details: [{ errorCode: KIND }],
  errors: [
    {
      message: `REST call for action execute failed. Message: ${message}`,
      code: 'INTERNAL_SERVER_ERROR',
      details: [],
      errors: [],
    },
  ],
});
const failedRun = (error: unknown) => ({
  success: false,
  operations: [
    { step: 1, name: 'Validate input', success: true },
    { step: 2, name: 'Execute', success: false, error },
  ],
  error,
});

/** From the nth run on, a step fails with this message before the action is run. */
const failSteps = (world: World, message: string, { nth = 1, count = 'every' as number | 'every' } = {}) =>
  world.genesys.faults({
    match: { method: 'POST', path: TEST, nth, count },
    action: { status: 200, body: failedRun(envelope(message)) },
  });
const DENIED =
  'User: arn:aws:sts::765628985471:assumed-role/x is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::1:role/y';

/** The URL is the input's, as it is for a function whose ARN is not written into the template. */
const byInput = (world: World) => ({
  Contract: {
    ...CONTRACT,
    Input: { ...CONTRACT.Input, properties: { ...CONTRACT.Input.properties, target: { type: 'string' } } },
  },
  Request: { UrlTemplate: '${input.target}' },
  SmokeTest: { Input: { orderId: 'A-1001', target: `${world.service.url}/orders` } },
});

/** Plays a fault at every call of /test. */
function faultTests(world: World, fault: CallFault): void {
  world.containers.faultFor = ({ operation }) => (operation.endsWith('/test') ? fault : undefined);
}

test('the action is run after a Create and after an Update, with an input typed by the contract', () =>
  withWorld(async (world) => {
    expect((await create(world)).status).toBe('CREATE_COMPLETE');
    expect((await update(world, { TimeoutSeconds: 9 })).status).toBe('UPDATE_COMPLETE');
    const input = { orderId: 'A-1001', limit: 5, urgent: true };
    expect(world.service.requests.map(({ body }) => body)).toEqual([input, input]);
  }));

test('an input given as JSON text goes in as it is', () =>
  withWorld(async (world) => {
    await create(world, { SmokeTest: { Input: '{"orderId": "5", "limit": 7}' } });
    expect(world.service.requests[0]?.body).toEqual({ orderId: '5', limit: 7 });
  }));

test('it costs one call: create 4, update 3; unchanged properties cost none', () =>
  withWorld(async (world) => {
    const counted = () =>
      world.genesys.calls().filter(({ path }) => path.startsWith('/api/v2/integrations')).length;
    await create(world);
    expect(counted()).toBe(4);
    world.genesys.resetCalls();
    await update(world, { Category: 'Orders too' });
    expect(counted()).toBe(3);
    world.genesys.resetCalls();
    await update(world, { Category: 'Orders too', ServiceTimeout: 900 });
    expect(world.genesys.calls()).toEqual([]);
  }));

test('a changed SmokeTest is a change, and runs; a form that was applied before is trusted', () =>
  withWorld(async (world) => {
    await create(world);
    expect((await update(world, expecting({ found: true }))).status).toBe('UPDATE_COMPLETE');
    expect(tests(world)).toHaveLength(2);
    await update(world, { ...expecting({ found: true }), Nonce: '2' });
    expect(tests(world)).toHaveLength(2);
  }));

test('a failed step fails a Create with its name and what Genesys Cloud says, and the rollback removes the action', () =>
  withWorld(async (world) => {
    world.service.answer = { status: 500, body: { fault: 'no database' } };
    const stack = await create(world, { DeletionGuard: 'All' });
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(stack)).toMatch(
      /The smoke test of data action \S+ failed in the step "Execute": .*no database/,
    );
    expect(idOf(stack)).toMatch(/^custom_-_/);
    expect(objects(world)).toEqual([]);
    expect([...world.ledger('OBJECT#').keys()]).toEqual([]);
  }));

test('the reason is the deepest one, after its kind; the name of the status is left out', () =>
  withWorld(async (world) => {
    failSteps(world, 'no such template');
    const said = reasons(await create(world));
    expect(said).toContain(
      `"Execute": ${KIND}: REST call for action execute failed. Message: no such template.`,
    );
    expect(said).not.toContain('Internal Server Error');
  }));

test.each([500, 400, 403])('a run that fails by the status %s has its reason as well', (status) =>
  withWorld(async (world) => {
    world.genesys.faults({
      match: { path: TEST },
      action: { status, body: { ...envelope('no database'), status } },
    });
    const stack = await create(world);
    expect(reasons(stack)).toMatch(/failed in the step "not named": ACTION.REMOTE_ENDPOINT: .*no database/);
    expect(objects(world)).toEqual([]);
  }),
);

test('a Create that failed by its smoke test is removed although nobody can be asked: flows, stacks', () =>
  withWorld(async (world) => {
    world.genesys.settings({ dependencyTracking: 'NOTBUILT' });
    world.aws.unreachable.add('cloudformation');
    world.service.answer.status = 500;
    expect((await create(world, { DeletionGuard: 'All' })).status).toBe('ROLLBACK_COMPLETE');
    expect(objects(world)).toEqual([]);
  }));

test.each([
  [
    'no success',
    { success: false, error: { message: 'the run was ended' } },
    'step "not named": the run was ended',
  ],
  ['nothing at all', {}, 'step "not named": no reason given'],
])('an answer that says %s is none of success', (_, body, problem) =>
  withWorld(async (world) => {
    world.genesys.faults({ match: { path: TEST }, action: { status: 200, body } });
    const stack = await create(world);
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(stack)).toContain(problem);
  }),
);

test('a failed Update in place is rolled back to what was there, which is not tested again', () =>
  withWorld(async (world) => {
    const id = idOf(await create(world));
    failSteps(world, 'no such template');
    const stack = await update(world, { Category: 'Broken' });
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reasons(stack)).toContain('no such template');
    expect(idOf(stack)).toBe(id);
    expect(world.remote(id)).toMatchObject({ published: { category: 'Orders' } });
    expect(tests(world)).toHaveLength(2);
  }));

test('an Update that failed elsewhere is rolled back without a test', () =>
  withWorld(async (world) => {
    await create(world);
    const { Resources } = template(world, { Category: 'Other' });
    const Bad = { Type: 'Custom::GenesysNothing', DependsOn: 'Thing', Properties: {} };
    world.genesys.resetCalls();
    const updating = world.cloudFormation.updateStack('stack', { Resources: { ...Resources, Bad } });
    expect((await updating).status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(tests(world)).toHaveLength(1);
  }));

test('a failed replacement leaves nothing new, and the action of before stays', () =>
  withWorld(async (world) => {
    const id = idOf(await create(world));
    failSteps(world, 'no such template');
    const stack = await update(world, { Secure: true });
    expect(stack.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reasons(stack)).toContain('The smoke test');
    expect(idOf(stack)).toBe(id);
    expect(compare(world)).toEqual([]);
    expect(objects(world)).toHaveLength(1);
  }));

test('an action that is made anew is tested', () =>
  withWorld(async (world) => {
    const id = idOf(await create(world));
    await byHand(world, 'DELETE', `/api/v2/integrations/actions/${id}`);
    const stack = await update(world, { Category: 'Orders too' });
    expect(stack.status).toBe('UPDATE_COMPLETE');
    expect(tests(world).map(({ path }) => path)).toEqual([
      expect.stringContaining(id),
      expect.stringContaining(idOf(stack)),
    ]);
  }));

describe('ExpectOutput', () => {
  test.each<[string, unknown]>([
    ['a part of the output', { found: true }],
    ['numbers and lists, typed by the contract', { order: { total: 12.5, lines: [1, 2] } }],
    ['JSON text', '{"order": {"lines": [1, 2], "customer": "Ada"}}'],
    ['nothing', {}],
  ])('of %s passes', (_, expected) =>
    withWorld(async (world) => {
      expect(reasons(await create(world, expecting(expected)))).not.toContain('smoke test');
    }),
  );

  test.each<[string, unknown, string]>([
    ['another value', { found: false }, 'found differs'],
    ['a member that is missing', { found: true, count: 2 }, 'count is missing'],
    ['a longer list', { order: { lines: [1, 2, 3] } }, 'order.lines has 2 entries, not 3'],
    ['another entry', { order: { lines: [1, 3] } }, 'order.lines[1] differs'],
    ['another type', '{"order": {"customer": 5}}', 'order.customer is no number'],
    ['an object that is none', { found: { yes: true } }, 'found is no object'],
    ['a list that is none', '{"found": [true]}', 'found is no list'],
    ['null', '{"found": null}', 'found is no null'],
  ])('of %s fails by its path, without a value', (_, expected, problem) =>
    withWorld(async (world) => {
      const stack = await create(world, expecting(expected));
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(reasons(stack)).toContain(`not as SmokeTest.ExpectOutput says: ${problem}. Run the action`);
      expect(reasons(stack)).not.toContain('Ada');
      expect(objects(world)).toEqual([]);
    }),
  );

  test('names five differences, and counts the others', () =>
    withWorld(async (world) => {
      const expected = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((number) => [`member${number}`, 'x']));
      const stack = await create(world, expecting(expected));
      expect(reasons(stack)).toContain('member5 is missing and 2 more.');
    }));
});

describe('a young role or action is waited for:', () => {
  test('a role that Genesys Cloud cannot assume yet is waited for after a Create', () =>
    withWorld(async (world) => {
      failSteps(world, DENIED, { count: 4 });
      const begun = world.clock.now();
      expect((await create(world, byInput(world))).status).toBe('CREATE_COMPLETE');
      expect(world.clock.now() - begun).toBeGreaterThan(10_000);
      expect(world.service.requests).toHaveLength(1);
    }));

  test.each([
    ['at the top', { message: DENIED, code: 'forbidden' }],
    ['two levels down', { message: 'Forbidden', errors: [envelope(DENIED)] }],
    ['by its 403 alone', { ...envelope('no entry'), status: 403 }],
    ['as the older field', { userMessage: 'Failed.', errors: [{ errorCode: 'X', userMessage: DENIED }] }],
  ])('a role is recognised %s', (_, error) =>
    withWorld(async (world) => {
      world.genesys.faults({
        match: { path: TEST, count: 2 },
        action: { status: 200, body: failedRun(error) },
      });
      expect((await create(world, byInput(world))).status).toBe('CREATE_COMPLETE');
      expect(tests(world)).toHaveLength(3);
    }),
  );

  test('a role is recognised where the call itself answers 403', () =>
    withWorld(async (world) => {
      world.genesys.faults({
        match: { path: TEST, count: 2 },
        action: { status: 403, body: { ...envelope(DENIED), status: 403 } },
      });
      expect((await create(world, byInput(world))).status).toBe('CREATE_COMPLETE');
    }));

  test('the role that an update gave to an old integration is waited for', () =>
    withWorld(async (world) => {
      const stack = (role: string, Category: string): Template => ({
        Resources: {
          Integration: {
            Type: 'Custom::GenesysAwsIntegration',
            Properties: { Name: 'AWS', RoleArn: `arn:aws:iam::000000000000:role/${role}` },
          },
          Thing: {
            Type: ACTION,
            Properties: {
              ...template(world, byInput(world)).Resources['Thing']?.Properties,
              IntegrationId: { Ref: 'Integration' },
              Category,
            },
          },
        },
      });
      const succeeding = { action: { status: 200, body: { success: true, finalResult: ORDER } } };
      world.genesys.faults({ match: { path: TEST }, ...succeeding });
      await world.cloudFormation.createStack('stack', stack('one', 'Orders'));
      world.clock.advance(3_600_000);
      world.genesys.faults({ match: { path: TEST, nth: 4 }, ...succeeding });
      failSteps(world, DENIED, { count: 3 });
      const updated = await world.cloudFormation.updateStack('stack', stack('two', 'Other'));
      expect(updated.status).toBe('UPDATE_COMPLETE');
      expect(tests(world)).toHaveLength(5);
    }));

  test.each([
    ['a web service says it', {}, 'Access denied'],
    [
      'the function ran, and says it',
      undefined,
      'Invoked function failed. Response from function: Access denied',
    ],
  ])('a denial is no young role where %s', (_, extra, message) =>
    withWorld(async (world) => {
      failSteps(world, message);
      const stack = await create(world, extra ?? byInput(world));
      expect(reasons(stack)).toContain(message);
      expect(tests(world)).toHaveLength(1);
    }),
  );

  test('for 90 seconds, and no longer', () =>
    withWorld(async (world) => {
      failSteps(world, DENIED);
      const stack = await create(world, byInput(world));
      expect(reasons(stack)).toContain('sts:AssumeRole');
      const [first, ...others] = tests(world);
      const last = others.at(-1);
      expect((last?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(60_000);
      expect((last?.at ?? 0) - (first?.at ?? 0)).toBeLessThanOrEqual(90_000);
      expect(objects(world)).toEqual([]);
    }));

  test('within the time of the invocation: the answer says why, not that the time is over', () =>
    inWorld({ timeoutMs: 60_000 }, async (world) => {
      failSteps(world, DENIED);
      const stack = await create(world, byInput(world));
      expect(stack.status).toBe('ROLLBACK_COMPLETE');
      expect(reasons(stack)).toContain('sts:AssumeRole');
      expect(objects(world)).toEqual([]);
    }));

  test('an action that is not known everywhere yet is asked for again', () =>
    withWorld(async (world) => {
      world.genesys.faults({ match: { path: TEST, count: 2 }, action: { status: 404 } });
      expect((await create(world)).status).toBe('CREATE_COMPLETE');
    }));

  test.each([
    ['what is old', DENIED, 3_600_000],
    ['what the function itself was denied', 'x is not authorized to perform: dynamodb:PutItem on y', 0],
    ['any other failure', 'the template cannot be rendered', 0],
  ])('%s fails at once', (_, message, age) =>
    withWorld(async (world) => {
      await create(world, byInput(world));
      world.clock.advance(age);
      failSteps(world, message);
      world.genesys.resetCalls();
      const stack = await update(world, { ...byInput(world), Category: 'Other' });
      expect(reasons(stack)).toContain(message);
      expect(tests(world)).toHaveLength(1);
    }),
  );
});

describe('a run whose outcome is unknown', () => {
  test.each<CallFault>(['reset after', 'hang after', '504 after', 'truncated'])(
    'is not repeated, since it may have done its work, and fails the request (%s)',
    (fault) =>
      withWorld(async (world) => {
        faultTests(world, fault);
        const stack = await create(world);
        expect(stack.status).toBe('ROLLBACK_COMPLETE');
        expect(reasons(stack)).toMatch(/Whether data action \S+ passes its smoke test is not known/);
        expect(world.service.requests).toHaveLength(1);
        expect(objects(world)).toEqual([]);
      }),
  );

  test('is not assumed of an action that takes its 60 seconds', () =>
    withWorld(async (world) => {
      world.genesys.faults({ match: { path: TEST }, action: { delayMs: 60_000 } });
      expect((await create(world)).status).toBe('CREATE_COMPLETE');
    }));
});

test('a missing permission is named, with the way around it', () =>
  withWorld(async (world) => {
    const permissions = ['view', 'add', 'edit', 'delete'].map((verb) => `integrations:action:${verb}`);
    world.genesys.seed({ clients: [{ id: world.genesys.clientId, permissions }] });
    const stack = await create(world);
    expect(stack.status).toBe('ROLLBACK_COMPLETE');
    expect(reasons(stack)).toMatch(/integrations:action:execute.*Grant it, or leave SmokeTest out\./);
    expect(objects(world)).toEqual([]);
  }));

describe('a value that may be secret', () => {
  const secrets = { orderId: 'se"cret/order', limit: 48_151_623 };
  const headers = {
    'x-api-key': 'header-secret-value',
    cookie: 'session=SESSION-CANARY; theme=dark',
    'x-order': '${input.limit}-ORDER-CANARY',
  };
  const echo = `for "se\\"cret/order" or se"cret/order, ${encodeURIComponent(secrets.orderId)}, 48151623, with header-secret-value, SESSION-CANARY or 1-ORDER-CANARY`;
  const SmokeTest = { Input: secrets };
  const properties = (world: World) => ({
    SmokeTest,
    Request: { UrlTemplate: `${world.service.url}/orders`, Headers: headers },
  });
  const output = (world: World, stack: StackView) => `${world.output()}\n${reasons(stack)}`;
  const everySpelling = /se\\*"cret|se%22cret|48_?151_?623|header-secret|CANARY/;

  test('of the input and the headers is masked in what Genesys Cloud says of a step', () =>
    withWorld(async (world) => {
      failSteps(world, `No order ${echo}`);
      const stack = await create(world, properties(world));
      expect(reasons(stack)).toContain('No order for "***"');
      expect(output(world, stack)).not.toMatch(everySpelling);
    }));

  test('is masked as well where the call itself is refused', () =>
    withWorld(async (world) => {
      world.genesys.faults({
        match: { path: TEST },
        action: { status: 400, body: { status: 400, code: 'bad.request', message: `No order ${echo}` } },
      });
      const stack = await create(world, properties(world));
      expect(reasons(stack)).toMatch(/The smoke test of data action \S+ cannot be run: .*No order for/);
      expect(output(world, stack)).not.toMatch(everySpelling);
    }));

  test('about a secure action is left out altogether', () =>
    withWorld(async (world) => {
      failSteps(world, 'card 4111 is no number');
      const stack = await create(world, { Secure: true });
      expect(reasons(stack)).toContain('failed in the step "Execute": what Genesys Cloud says is left out');
      expect(output(world, stack)).not.toContain('4111');
    }));

  test('is bounded: a long answer of the service does not fill the reason', () =>
    withWorld(async (world) => {
      failSteps(world, 'x'.repeat(10_000));
      const stack = await create(world);
      const longest = Math.max(
        ...stack.events.map(({ ResourceStatusReason = '' }) => ResourceStatusReason.length),
      );
      expect(longest).toBeLessThan(1_000);
    }));
});
