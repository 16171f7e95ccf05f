import { type GenesysCloudServer, startGenesysCloud } from '../../../local/genesys-cloud/index.ts';
import { compile } from '../../../local/genesys-cloud/validation.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { actionBody, type Caller, callerOf, contract, integrationBy } from './support.ts';

let server: GenesysCloudServer;
let call: Caller;
let integrationId: string;
const clock = manualClock();
beforeEach(async () => {
  server = await startGenesysCloud({ clock });
  call = await callerOf(server);
  integrationId = await integrationBy(call);
});
afterEach(() => server.close());

const create = async (over: Record<string, unknown> = {}) =>
  (await call('POST', '/integrations/actions', actionBody(integrationId, over))).body;

describe('an action', () => {
  test('shows configuration and contract only when they are asked for', async () => {
    const { id } = await create();
    expect(id).toMatch(/^custom_-_/);
    const plain = (await call('GET', `/integrations/actions/${id}`)).body;
    expect(plain).toMatchObject({ id, name: 'Look up customer', integrationId, version: 1, secure: false });
    expect(plain.config).toBeUndefined();
    expect(plain.contract).toBeUndefined();
    const full = (await call('GET', `/integrations/actions/${id}?includeConfig=true&expand=contract`)).body;
    expect(full.contract.input.inputSchema).toEqual(contract.input.inputSchema);
    expect(full.contract.output.successSchema).toEqual(contract.output.successSchema);
    expect(full.config).toMatchObject({ timeoutSeconds: 5, request: { requestType: 'POST' } });
  });

  test('shows its templates only as files', async () => {
    const { id } = await create();
    const { config } = (await call('GET', `/integrations/actions/${id}?includeConfig=true`)).body;
    expect(config.request.requestTemplate).toBeUndefined();
    expect(config.response.successTemplate).toBeUndefined();
    const file = async (uri: string) => await call('GET', uri.replace('/api/v2', ''));
    const template = await file(config.request.requestTemplateUri);
    expect(template.body).toBe('${input.rawRequest}');
    expect(template.headers.get('content-type')).toMatch(/^text\/plain/);
    expect((await file(config.response.successTemplateUri)).body).toBe('${rawResult}');
    expect((await file(`/integrations/actions/${id}/templates/other.vm`)).status).toBe(404);
  });

  test('shows its schemas flattened on request', async () => {
    const nested = {
      ...contract,
      output: {
        successSchema: {
          type: 'object',
          properties: {
            address: { type: 'object', properties: { city: { type: 'string' } } },
            phones: { type: 'array', items: { type: 'object', properties: { number: { type: 'string' } } } },
          },
        },
      },
    };
    const { id } = await create({ contract: nested });
    const { body } = await call('GET', `/integrations/actions/${id}?expand=contract&flatten=true`);
    expect(Object.keys(body.contract.output.successSchemaFlattened.properties)).toEqual([
      'address.city',
      'phones[*].number',
    ]);
    const file = await call('GET', `/integrations/actions/${id}/schemas/successschema.json`);
    expect(file.body).toEqual(nested.output.successSchema);
  });

  test('is patched by version, in place of the whole configuration', async () => {
    const { id } = await create();
    const patch = (body: object) => call('PATCH', `/integrations/actions/${id}`, body);
    const config = { request: { requestUrlTemplate: 'x', requestType: 'POST' } };
    expect((await patch({ version: 1, name: 'New', config })).body).toMatchObject({
      name: 'New',
      version: 2,
    });
    const shown = (await call('GET', `/integrations/actions/${id}?includeConfig=true`)).body;
    expect(shown.config.timeoutSeconds).toBeUndefined();
    const stale = await patch({ version: 1, name: 'Newer' });
    expect(stale.status).toBe(409);
    expect(stale.body.message).toBe('Supplied version 1 does not match the current version 2');
  });

  test('keeps what a patch leaves out, where that is the behaviour', async () => {
    server.settings({ behaviour: { actionConfigPatch: 'merge' } });
    const { id } = await create();
    await call('PATCH', `/integrations/actions/${id}`, {
      version: 1,
      config: { request: { requestType: 'GET' } },
    });
    const { config } = (await call('GET', `/integrations/actions/${id}?includeConfig=true`)).body;
    expect(config).toMatchObject({ timeoutSeconds: 5, request: { requestType: 'GET' } });
    expect(config.request.requestUrlTemplate).toMatch(/^arn:/);
  });

  test.each(['contract', 'secure', 'integrationId'])(
    'cannot change its %s once it is published',
    async (field) => {
      const { id } = await create();
      const value = { contract, secure: true, integrationId }[field];
      const refused = await call('PATCH', `/integrations/actions/${id}`, { version: 1, [field]: value });
      expect(refused.status).toBe(400);
      expect(refused.body.details).toEqual([{ errorCode: 'additionalProperties', fieldName: field }]);
    },
  );

  test('is deleted with an empty answer, once', async () => {
    const { id } = await create();
    expect(await call('DELETE', `/integrations/actions/${id}`)).toMatchObject({ status: 204, body: '' });
    expect((await call('DELETE', `/integrations/actions/${id}`)).status).toBe(404);
  });

  test.each(['empty URL', 'absent'] as const)(
    'without a request never shows one that lacks a URL: %s',
    async (missingRequest) => {
      server.settings({ behaviour: { missingRequest } });
      const made = await create({ config: { timeoutSeconds: 5 } });
      const {
        actions: [builtIn],
      } = server.seed({ actions: [{ id: 'static_2', name: 'Built in', integrationId }] });
      for (const id of [made.id, builtIn]) {
        const { config } = (await call('GET', `/integrations/actions/${id}?includeConfig=true`)).body;
        expect(config.request?.requestUrlTemplate).toBe(missingRequest === 'absent' ? undefined : '');
        expect('request' in config).toBe(missingRequest !== 'absent');
      }
    },
  );

  test('that is built in cannot be changed', async () => {
    const {
      actions: [id],
    } = server.seed({ actions: [{ id: 'static_1', name: 'Built in', integrationId }] });
    expect((await call('PATCH', `/integrations/actions/${id}`, { version: 1 })).status).toBe(400);
    expect((await call('DELETE', `/integrations/actions/${id}`)).status).toBe(400);
  });

  test('cannot be made under an integration that takes none', async () => {
    const functions = await integrationBy(call, 'function-data-actions');
    const refused = await call('POST', '/integrations/actions', actionBody(functions));
    expect(refused.status).toBe(400);
    expect((await call('POST', '/integrations/actions', actionBody('none'))).status).toBe(400);
  });
});

describe('what was just made', () => {
  test('integrations take no actions until they are ready', async () => {
    server.settings({ delays: { integrationReadyMs: 3_000 } });
    const young = await integrationBy(call);
    const post = () => call('POST', '/integrations/actions', actionBody(young));
    expect(await post()).toMatchObject({ status: 400, body: { code: 'invalid.integration' } });
    clock.advance(3_000);
    expect((await post()).status).toBe(200);
  });

  test('objects are read late, and deleted ones are read on', async () => {
    server.settings({ delays: { readAfterWriteMs: 500, readAfterDeleteMs: 1_000 } });
    const young = await integrationBy(call);
    const { body: action } = await call('POST', '/integrations/actions', actionBody(young));
    const { body: credential } = await call('POST', '/integrations/credentials', {
      type: { name: 'userDefined' },
    });
    const paths = [
      `/integrations/${young}`,
      `/integrations/actions/${action.id}`,
      `/integrations/credentials/${credential.id}`,
    ];
    const statuses = async () =>
      (await Promise.all(paths.map((path) => call('GET', path)))).map(({ status }) => status);
    expect(await statuses()).toEqual([404, 404, 404]);
    clock.advance(500);
    expect(await statuses()).toEqual([200, 200, 200]);
    for (const path of [paths[1], paths[2], paths[0]]) await call('DELETE', path ?? '');
    expect(await statuses()).toEqual([200, 200, 200]);
    expect((await call('DELETE', `/integrations/actions/${action.id}`)).status).toBe(404);
    clock.advance(1_000);
    expect(await statuses()).toEqual([404, 404, 404]);
  });

  test('an action is changed late, too', async () => {
    server.settings({ delays: { readAfterWriteMs: 500 } });
    const { id } = await create();
    const patch = () => call('PATCH', `/integrations/actions/${id}`, { version: 1, name: 'Other name' });
    expect((await patch()).status).toBe(404);
    clock.advance(500);
    expect((await patch()).status).toBe(200);
  });

  test('the list goes on showing an action that was deleted, by itself or with its integration', async () => {
    server.settings({ delays: { listAfterDeleteMs: 5_000 } });
    const { id } = await create();
    await create();
    const listed = async () => (await call('GET', '/integrations/actions?name=customer')).body.total;
    await call('DELETE', `/integrations/actions/${id}`);
    await call('DELETE', `/integrations/${integrationId}`);
    expect((await call('GET', `/integrations/actions/${id}`)).status).toBe(404);
    expect(await listed()).toBe(2);
    clock.advance(5_000);
    expect(await listed()).toBe(0);
  });

  test('names are found late, and changed names too', async () => {
    server.settings({ delays: { nameIndexMs: 5_000 } });
    const { id } = await create({ name: 'First name' });
    const found = async (name: string) =>
      (await call('GET', `/integrations/actions?name=${encodeURIComponent(name)}`)).body.total;
    expect(await found('first')).toBe(0);
    expect((await call('GET', '/integrations/actions')).body.total).toBe(1);
    clock.advance(5_000);
    expect(await found('first')).toBe(1);
    await call('PATCH', `/integrations/actions/${id}`, { version: 1, name: 'Second name' });
    expect([await found('First name'), await found('Second')]).toEqual([1, 0]);
    clock.advance(5_000);
    expect([await found('First name'), await found('Second')]).toEqual([0, 1]);
  });
});

test('an id that is none by its form may be a bad request', async () => {
  const statuses = async () => {
    const paths = ['/integrations/actions/nonsense', '/integrations/nonsense'];
    return (await Promise.all(paths.map((path) => call('GET', path)))).map(({ status }) => status);
  };
  expect(await statuses()).toEqual([404, 404]);
  server.settings({ behaviour: { malformedIdStatus: 400 } });
  expect(await statuses()).toEqual([400, 400]);
  const unknown = '11111111-2222-3333-4444-555555555555';
  expect((await call('GET', `/integrations/actions/custom_-_${unknown}`)).status).toBe(404);
});

describe('the list of actions', () => {
  test('knows names by part, category, ids and secure, and no integration', async () => {
    const one = await create({ name: 'Alpha', category: 'A' });
    const two = await create({ name: 'Alphabet', category: 'B', secure: true });
    const names = async (query: string) =>
      (await call('GET', `/integrations/actions?${query}`)).body.entities.map(
        ({ name }: { name: string }) => name,
      );
    expect(await names('name=alpha&sortBy=name&sortOrder=desc')).toEqual(['Alphabet', 'Alpha']);
    expect(await names('category=B')).toEqual(['Alphabet']);
    expect(await names('secure=false')).toEqual(['Alpha']);
    expect(await names(`ids=${one.id},${two.id}`)).toHaveLength(2);
    expect(await names(`ids=${two.id}`)).toEqual(['Alphabet']);
    expect(await names('integrationId=other')).toHaveLength(2);
    const categories = await call('GET', '/integrations/actions/categories');
    expect(categories.body.entities).toEqual([{ name: 'A' }, { name: 'B' }]);
  });

  test('holds equal names', async () => {
    await create();
    await create();
    expect((await call('GET', '/integrations/actions?name=Look%20up%20customer')).body.total).toBe(2);
  });
});

describe('a contract', () => {
  const refusal = async (input: object, output: object = { type: 'object' }) => {
    const { status, body } = await call(
      'POST',
      '/integrations/actions',
      actionBody(integrationId, {
        contract: { input: { inputSchema: input }, output: { successSchema: output } },
      }),
    );
    return { status, message: body.message as string };
  };
  const input = (properties: object) => ({ type: 'object', properties });
  const text = { type: 'string' };

  test.each([
    ['an input with objects', input({ a: { type: 'object' } }), /the input is flat/],
    ['an input with arrays', input({ a: { type: 'array', items: text } }), /the input is flat/],
    ['a name that starts with a digit', input({ '1a': text }), /starts with a letter/],
    ['a name with a dot', input({ 'a.b': text }), /letters, digits/],
    ['a reserved name', input({ rawRequest: text }), /reserved/],
    ['an input that is no object', text, /must be of type object/],
    ['a minimum given as text', input({ a: { type: 'string', minLength: '3' } }), /not a valid JSON Schema/],
    ['an unknown type', input({ a: { type: 'text' } }), /flat|not a valid JSON Schema/],
    ['a reference', { ...input({}), allOf: [{ $ref: '#/definitions/x' }] }, /\$ref/],
  ])('with %s is refused', async (_, schema, message) => {
    const refused = await refusal(schema);
    expect(refused.status).toBe(400);
    expect(refused.message).toMatch(message);
  });

  test('with arrays of arrays in the output is refused, arrays of objects are fine', async () => {
    const array = (items: object) => input({ a: { type: 'array', items } });
    expect((await refusal(input({}), array({ type: 'array', items: text }))).message).toMatch(
      /arrays of arrays/,
    );
    expect((await refusal(input({}), array(input({ b: text })))).status).toBe(200);
  });

  test.each<[string, object, object?]>([
    [
      'ids inside',
      input({}),
      { id: 'http://example.com/a.json', ...input({ id: { id: '/properties/id', ...text } }) },
    ],
    ['two equal ids', input({}), input({ a: { id: '/x', ...text }, b: { id: '/x', ...text } })],
    ['an exclusive minimum as a flag', input({ n: { type: 'integer', minimum: 0, exclusiveMinimum: true } })],
    ['a flag that says no', input({ n: { type: 'number', maximum: 5, exclusiveMaximum: false } })],
    [
      'a flag below dependencies',
      input({}),
      {
        ...input({}),
        dependencies: { a: ['b'], b: input({ n: { type: 'number', minimum: 0, exclusiveMinimum: true } }) },
      },
    ],
    ['an escape that Java takes in a pattern', input({ a: { ...text, pattern: '^\\w+\\@\\w+$' } })],
  ])(
    'of draft 4 with %s is taken, and reads back as it is',
    async (_, inputSchema, successSchema = input({})) => {
      const { body } = await call(
        'POST',
        '/integrations/actions',
        actionBody(integrationId, { contract: { input: { inputSchema }, output: { successSchema } } }),
      );
      const read = await call('GET', `/integrations/actions/${body.id}?expand=contract`);
      expect(read.body.contract).toMatchObject({ input: { inputSchema }, output: { successSchema } });
    },
  );

  test('of draft 4 is judged by its own words', () => {
    const schema = {
      type: 'object',
      properties: { n: { type: 'integer', minimum: 0, exclusiveMinimum: true } },
    };
    expect(compile(schema)({ n: 1 })).toBeUndefined();
    expect(compile(schema)({ n: 0 })).toMatch(/must be > 0/);
  });

  test('has patterns that are judged, also by classes of Unicode', () => {
    const mail = compile(input({ a: { ...text, pattern: '^\\w+\\@\\w+$' } }));
    expect(mail({ a: 'x@y' })).toBeUndefined();
    expect(mail({ a: 'x' })).toMatch(/must match pattern/);
    const letters = compile(input({ a: { ...text, pattern: '^\\p{L}+$' } }));
    expect(letters({ a: 'Größe' })).toBeUndefined();
    expect(letters({ a: '1' })).toMatch(/must match pattern/);
  });

  test('with a property of the input that has no type is taken', async () => {
    expect((await refusal(input({ a: { description: 'anything' } }))).status).toBe(200);
  });

  test('nested deeper than 50 is refused', async () => {
    let schema: object = text;
    for (let level = 0; level < 30; level += 1) schema = input({ a: schema });
    expect((await refusal(input({}), schema)).message).toMatch(/deeper than 50/);
  });
});

describe('a draft', () => {
  test('is changed, validated and published', async () => {
    const { body: draft } = await call(
      'POST',
      '/integrations/actions/drafts',
      actionBody(integrationId, { config: {} }),
    );
    const path = `/integrations/actions/${draft.id}`;
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('GET', '/integrations/actions/drafts')).body.total).toBe(1);
    const invalid = (await call('GET', `${path}/draft/validation`)).body;
    expect(invalid.valid).toBe(false);
    expect(invalid.errors.map(({ message }: { message: string }) => message)).toContain(
      'config.request.requestUrlTemplate is missing',
    );
    expect((await call('POST', `${path}/draft/publish`, { version: 1 })).status).toBe(400);
    const changed = await call('PATCH', `${path}/draft`, {
      version: 1,
      secure: true,
      config: actionBody(integrationId).config,
    });
    expect(changed.body).toMatchObject({ version: 2, secure: true });
    expect((await call('GET', `${path}/draft/validation`)).body).toEqual({ valid: true, errors: [] });
    const stale = await call('POST', `${path}/draft/publish`, { version: 1 });
    expect(stale).toMatchObject({
      status: 400,
      body: { message: 'Supplied version 1 does not match latest draft version 2' },
    });
    expect((await call('POST', `${path}/draft/publish`, { version: 2 })).body).toMatchObject({ version: 1 });
    expect((await call('GET', path)).body).toMatchObject({ secure: true, version: 1 });
    expect((await call('GET', `${path}/draft`)).status).toBe(404);
  });

  test('of a published action keeps its contract', async () => {
    const { id } = await create();
    const path = `/integrations/actions/${id}/draft`;
    await call('POST', path);
    expect((await call('POST', path)).body.code).toBe('draft.exists');
    const other = { ...contract, input: { inputSchema: { type: 'object', properties: {} } } };
    await call('PATCH', path, { version: 1, contract: other });
    const refused = await call('POST', `${path}/publish`, { version: 2 });
    expect(refused.body.message).toMatch(/contract of a published action cannot be changed/);
    await call('DELETE', path);
    expect((await call('GET', `/integrations/actions/${id}`)).status).toBe(200);
  });
});
