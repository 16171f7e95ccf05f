/**
 * Equal properties are equal however they are written, so they cost no write; and a contract that differs by
 * the types of its scalars alone replaces nothing.
 */
import { ACTION, action, idOf, withWorld } from '../../local/provider/stacks.ts';
import { only, reasons, type World } from '../../local/provider/world.ts';
import { actionByHand } from './by-hand.ts';

const contract = {
  Input: {
    type: 'object',
    properties: { page: { type: 'integer', default: 1, minimum: 0 }, name: { type: 'string' } },
    additionalProperties: false,
  },
  Output: { type: 'object', properties: { total: { type: 'number' } } },
};
const request = { UrlTemplate: 'https://example.com/orders', Type: 'POST', Headers: { 'x-page': '1' } };
const smokeTest = { Input: { page: 1, name: 'x' }, ExpectOutput: { total: 5 } };
/** The same action as a file that Genesys Cloud exports. */
const file = {
  name: 'Order status',
  category: 'Orders',
  contract: { input: { inputSchema: contract.Input }, output: { successSchema: contract.Output } },
  config: {
    request: { requestUrlTemplate: request.UrlTemplate, requestType: 'POST', headers: request.Headers },
  },
};
const reversed = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, part]) => [name, reversed(part)]),
      )
    : value;

const base = { Name: 'Order status', Category: 'Orders', Contract: contract, Request: request };
const asText = (parts: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)]));

const writes = (world: World) =>
  world.genesys.calls().filter(({ method, template }) => method !== 'GET' && template !== '/oauth/token');

/** Both forms, each as the first one and as the second one. */
const pairs: [string, Record<string, unknown>, Record<string, unknown>][] = [
  ['a contract as object and as text', base, { ...base, Contract: asText(contract) }],
  [
    'a contract as text in another order',
    { ...base, Contract: asText(contract) },
    { ...base, Contract: asText(reversed(contract) as typeof contract) },
  ],
  ['a definition as object and as text', { Definition: file }, { Definition: JSON.stringify(file, null, 2) }],
  ['a definition and the properties that it stands for', { Definition: file }, base],
  [
    'defaults that are written out',
    base,
    { ...base, TimeoutSeconds: 60, Secure: false, Response: { SuccessTemplate: '${rawResult}' } },
  ],
  ['an empty member and a missing one', base, { ...base, Response: {} }],
];

test.each(
  pairs.flatMap(([what, a, b]) => [[what, a, b] as const, [`${what}, the other way`, b, a] as const]),
)('%s: an update writes nothing, and answers the same id', (_what, before, after) =>
  withWorld(async (world) => {
    const properties = (form: Record<string, unknown>) =>
      only(ACTION, { IntegrationId: world.integrationId, ...form });
    const created = await world.cloudFormation.createStack('stack', properties(before));
    expect(created.status).toBe('CREATE_COMPLETE');
    world.genesys.resetCalls();
    const updated = await world.cloudFormation.updateStack('stack', properties(after));
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(idOf(updated)).toBe(idOf(created));
    expect(writes(world)).toEqual([]);
    expect(world.requests('Thing')).toHaveLength(2);
  }),
);

test('a smoke test as object and as text is not run again, and one of another value is', () =>
  withWorld(async (world) => {
    world.service.answer = { status: 200, body: { total: 5 } };
    const properties = (SmokeTest: unknown) =>
      only(ACTION, {
        ...base,
        IntegrationId: world.webServicesId,
        Request: { ...request, UrlTemplate: world.service.url },
        SmokeTest,
      });
    await world.cloudFormation.createStack('stack', properties(smokeTest));
    world.genesys.resetCalls();
    await world.cloudFormation.updateStack('stack', properties(asText(smokeTest)));
    expect(writes(world)).toEqual([]);
    const changed = { ...smokeTest, Input: { page: 2, name: 'x' } };
    await world.cloudFormation.updateStack('stack', properties(asText(changed)));
    expect(writes(world).map(({ method }) => method)).toEqual(['PATCH', 'POST']);
  }));

const asTyped = { type: 'object', properties: { page: { type: 'integer', default: 1 } } };
const asWritten = { type: 'object', properties: { page: { type: 'integer', default: '1' } } };
const untypedEnum = (one: unknown) => ({ type: 'object', properties: { page: { enum: [one] } } });

test.each<[string, unknown, unknown]>([
  ['a default of a number as text in JSON text, and as object', JSON.stringify(asWritten), asWritten],
  ['a default of a number as text and as number', JSON.stringify(asWritten), JSON.stringify(asTyped)],
  ['an enum without a type', JSON.stringify(untypedEnum(1)), untypedEnum(1)],
])('%s: the contract is the same, and nothing is replaced', (_what, before, after) =>
  withWorld(async (world) => {
    const properties = (schema: unknown) =>
      only(ACTION, action(world, { Contract: { Input: contract.Input, Output: schema } }));
    const created = await world.cloudFormation.createStack('stack', properties(before));
    expect(created.status).toBe('CREATE_COMPLETE');
    const updated = await world.cloudFormation.updateStack('stack', properties(after));
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(idOf(updated)).toBe(idOf(created));
    const back = await world.cloudFormation.updateStack('stack', properties(before));
    expect(idOf(back)).toBe(idOf(created));
  }),
);

test('a contract that differs in more than types replaces the action', () =>
  withWorld(async (world) => {
    const properties = (start: number) =>
      only(
        ACTION,
        action(world, {
          Contract: {
            Input: { type: 'object', properties: { page: { type: 'integer', default: start } } },
            Output: contract.Output,
          },
        }),
      );
    const created = await world.cloudFormation.createStack('stack', properties(1));
    const updated = await world.cloudFormation.updateStack('stack', properties(2));
    expect(updated.status).toBe('UPDATE_COMPLETE');
    expect(idOf(updated)).not.toBe(idOf(created));
  }));

test('an action whose published contract has a number as text is taken over by a contract that is an object', () =>
  withWorld(async (world) => {
    const ExistingId = actionByHand(world, {
      contract: {
        input: { inputSchema: asWritten },
        output: { successSchema: contract.Output },
      },
    });
    const stack = await world.cloudFormation.createStack(
      'stack',
      only(ACTION, action(world, { ExistingId, Contract: { Input: asWritten, Output: contract.Output } })),
    );
    expect(reasons(stack)).not.toContain('cannot be taken over');
    expect(idOf(stack)).toBe(ExistingId);
  }));

const deep = (levels: number) => `${'{"not":'.repeat(levels)}{}${'}'.repeat(levels)}`;

test.each([1_000, 100_000])(
  'JSON text of %i levels is refused with its property, at a Create and at an Update',
  (levels) =>
    withWorld(async (world) => {
      const properties = (Input: unknown) =>
        only(ACTION, action(world, { Contract: { Input, Output: contract.Output } }));
      const refused = await world.cloudFormation.createStack('deep', properties(deep(levels)));
      expect(reasons(refused)).toContain('Contract.Input is nested too deeply');
      await world.cloudFormation.createStack('stack', properties(contract.Input));
      const updated = await world.cloudFormation.updateStack('stack', properties(deep(levels)));
      expect(updated.status).toBe('UPDATE_ROLLBACK_COMPLETE');
      expect(reasons(updated)).toContain('Contract.Input is nested too deeply');
    }),
);

test.each(['__proto__', 'constructor', 'toString'])(
  'a contract with a property named %s is compared like any other',
  (name) =>
    withWorld(async (world) => {
      const input = (type: string) =>
        `{"type":"object","properties":{"x":{"type":"string","${name}":{"a":"${type}"}}}}`;
      const properties = (type: string) =>
        only(ACTION, action(world, { Contract: { Input: input(type), Output: contract.Output } }));
      const created = await world.cloudFormation.createStack('stack', properties('1'));
      const updated = await world.cloudFormation.updateStack('stack', properties('2'));
      expect(updated.status).toBe('UPDATE_COMPLETE');
      expect(idOf(updated)).not.toBe(idOf(created));
    }),
);
