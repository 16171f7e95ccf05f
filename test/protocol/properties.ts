/**
 * Properties that hold for every input, with fast-check: any JSON as an event, any strings as properties, and any
 * order of operations over several resources against a simple model of what should exist.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { CustomResourceEvent } from '../../local/cloudformation/events.ts';
import type { CloudFormationOptions, ReplacementRollback } from '../../local/cloudformation/stack.ts';
import type { Template } from '../../local/cloudformation/template.ts';
import { compare, compareRemote, type Finding, judge } from './verdicts.ts';
import { CREDENTIALS_SECRET, inWorld, KEY_ALIAS, reasons, type World } from './world.ts';

const STACK_ID =
  'arn:aws:cloudformation:us-east-1:123456789012:stack/stack/11111111-2222-3333-4444-555555555555';
const TYPES = ['Custom::GenesysDataAction', 'Custom::GenesysAwsIntegration', 'Custom::GenesysRecordingKey'];

class Broken extends Error {
  constructor(findings: Finding[]) {
    super(findings.map(({ kind, what }) => `${kind}: ${what}`).join('; '));
  }
}

const expectNone = (findings: Finding[]): void => {
  if (findings.length > 0) throw new Broken(findings);
};

// ---- any JSON as an event

const anyJson = fc.jsonValue({ maxDepth: 4 });

/** An event that is nearly one: every field may be anything. */
const nearlyEvent = fc.record(
  {
    RequestType: fc.oneof(fc.constantFrom('Create', 'Update', 'Delete'), anyJson),
    ResourceType: fc.oneof(fc.constantFrom(...TYPES), anyJson),
    StackId: fc.oneof(fc.constant(STACK_ID), anyJson),
    RequestId: fc.oneof(fc.uuid(), anyJson),
    LogicalResourceId: fc.oneof(fc.constant('Thing'), anyJson),
    PhysicalResourceId: fc.oneof(fc.constant('nothing-created/1'), fc.string({ maxLength: 2_000 }), anyJson),
    ResourceProperties: anyJson,
    OldResourceProperties: anyJson,
  },
  { requiredKeys: [] },
);

/** Any event ends: answered by the rules, or refused with an error of the provider's own. */
export async function anyEvent(runs: number): Promise<void> {
  await inWorld({}, async (world) => {
    const property = fc.asyncProperty(
      fc.oneof({ weight: 4, arbitrary: nearlyEvent }, { weight: 1, arbitrary: anyJson }),
      fc.boolean(),
      async (event, addressed) => {
        const slot = world.responses.open({
          StackId: STACK_ID,
          RequestId: randomUUID(),
          LogicalResourceId: 'Thing',
          RequestType: 'Create',
        } as CustomResourceEvent);
        slot.countDelivery();
        const isObject = typeof event === 'object' && event !== null && !Array.isArray(event);
        const sent = isObject && addressed ? { ...event, ResponseURL: slot.url } : event;
        const before = world.containers.logs().length;
        const end = await world.containers.invoke(sent as unknown as CustomResourceEvent);
        const said = world.containers.logs().slice(before);
        if (end === 'timed out') throw new Error('it did not end');
        if (end === 'crashed' && !/RequestError|DeliveryError/.test(said))
          throw new Error(said.slice(0, 500));
        if (end === 'returned' && slot.uploads.length !== 1) throw new Error('it was not answered');
        for (const upload of slot.uploads) {
          // What the event itself says wrong of its own address is not the answer's fault.
          const broken = upload.violations.filter(
            (text) => !/is not the request's|another Physical/.test(text),
          );
          if (broken.length > 0) throw new Error(broken.join('; '));
        }
      },
    );
    await fc.assert(property, { numRuns: runs, endOnFailure: true });
    expectNone([...world.leaks()].map((what) => ({ kind: 'leaks', what })));
    if (world.made().size > 0) throw new Error('an arbitrary event made something');
  });
}

// ---- any strings as properties

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\u202e',
    '\ud800',
    '__proto__',
    'constructor',
    '${input.x}',
    '{{resolve:x}}',
    '%00',
    '"',
    '\\',
  ),
  fc.constantFrom(250, 256, 257, 10_001).map((length) => 'x'.repeat(length)),
  // Of one byte each, so that all of them together stay below what Genesys Cloud reads.
  fc
    .string({ unit: fc.constantFrom(...'aZ0 ${}.'), minLength: 1, maxLength: 10 })
    .map((unit) => unit.repeat(Math.ceil(1_000_000 / unit.length))),
);
const shortText = fc.string({ unit: 'binary', maxLength: 300 });
const anyKey = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'Name', 'Contract'),
  fc.string(),
);

const strange = fc.record({
  Name: anyText,
  Category: anyText,
  Secure: fc.oneof(fc.boolean(), anyText),
  Contract: fc.oneof(
    fc.constant({ Input: { type: 'object' }, Output: { type: 'object' } }),
    fc.record({
      Input: fc.oneof(fc.dictionary(anyKey, shortText), anyText),
      Output: fc.dictionary(anyKey, fc.dictionary(anyKey, shortText)),
    }),
  ),
  Request: fc.record({
    UrlTemplate: anyText,
    Template: anyText,
    Headers: fc.dictionary(anyKey, fc.string({ maxLength: 50 }), { maxKeys: 3 }),
  }),
});

/** Any strings end in an object that holds just them, or in a refusal that leaves nothing; the rollback works. */
export async function anyStrings(runs: number): Promise<void> {
  await inWorld({}, async (world) => {
    let count = 0;
    const property = fc.asyncProperty(strange, async (properties) => {
      count += 1;
      const name = `stack${count}`;
      const stack = await world.cloudFormation.createStack(name, {
        Resources: {
          Thing: { Type: TYPES[0] ?? '', Properties: { IntegrationId: world.integrationId, ...properties } },
        },
      });
      if (stack.status === 'CREATE_COMPLETE') {
        const id = stack.resources['Thing']?.physicalId ?? '';
        const remote = { published: { name: properties.Name, category: properties.Category } };
        expectNone(compareRemote(world, id, { properties: {}, remote }));
      } else if (stack.status !== 'ROLLBACK_COMPLETE') {
        throw new Error(`${stack.status}: ${reasons(stack)}`);
      }
      if (/unexpectedly|at .*\.ts:\d+/.test(reasons(stack))) throw new Error(reasons(stack));
      await world.cloudFormation.deleteStack(name);
      expectNone(compare(world));
      expectNone(judge(world));
    });
    await fc.assert(property, { numRuns: runs, endOnFailure: true });
    if (Object.hasOwn(Object.prototype, 'Name')) throw new Error('a prototype was polluted');
  });
}

// ---- any order of operations, against a model

/** What a template of the model holds: which of the resources, and in which variant. */
interface Wish {
  integration: { name: number; enabled: boolean; web: boolean } | undefined;
  /** Hangs on the stack's own integration where there is one. */
  actions: { secure: boolean; category: number }[];
  key: boolean;
  /** A resource that fails after the others. */
  fails: boolean;
}

const wish: fc.Arbitrary<Wish> = fc.record({
  integration: fc.option(fc.record({ name: fc.nat(2), enabled: fc.boolean(), web: fc.boolean() }), {
    nil: undefined,
  }),
  actions: fc.array(fc.record({ secure: fc.boolean(), category: fc.nat(2) }), { maxLength: 3 }),
  key: fc.boolean(),
  fails: fc.boolean(),
});

const command = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('deploy' as const), wish }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('redeliver' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.nat(40) }) },
);
type Command =
  | { kind: 'deploy'; wish: Wish }
  | { kind: 'delete' }
  | { kind: 'redeliver'; which: number }
  | { kind: 'wait'; minutes: number };

const surroundings = fc.record({
  redelivery: fc.constantFrom('once', 'again', 'at once', 'after the answer'),
  whenOneFails: fc.constantFrom('cancel', 'wait'),
  replacementRollback: fc.constantFrom<ReplacementRollback[]>(
    'update-back-then-delete-new',
    'update-old-then-delete-new',
    'delete-new-only',
  ),
});

function templateOf({ integration, actions, key, fails }: Wish, world: World): Template {
  const Resources: Template['Resources'] = {};
  if (integration) {
    Resources['Integration'] = {
      Type: TYPES[1] ?? '',
      Properties: {
        Name: `Integration ${integration.name}`,
        Enabled: integration.enabled,
        ...(integration.web
          ? {
              IntegrationType: 'custom-rest-actions',
              CredentialType: 'basicAuth',
              CredentialsSecretArn: CREDENTIALS_SECRET,
            }
          : { RoleArn: 'arn:aws:iam::123456789012:role/genesys' }),
      },
    };
  }
  actions.forEach(({ secure, category }, index) => {
    Resources[`Action${index}`] = {
      Type: TYPES[0] ?? '',
      Properties: {
        IntegrationId: integration ? { Ref: 'Integration' } : world.integrationId,
        Name: `Action ${index}`,
        Category: `Category ${category}`,
        Secure: secure,
        Contract: { Input: { type: 'object' }, Output: { type: 'object' } },
        Request: { UrlTemplate: 'https://example.com' },
      },
    };
  });
  if (key)
    Resources['Key'] = { Type: TYPES[2] ?? '', Properties: { KeyAliasArn: KEY_ALIAS, OnDelete: 'Native' } };
  if (fails) {
    Resources['Bad'] = { Type: 'Custom::GenesysNothing', DependsOn: Object.keys(Resources), Properties: {} };
  }
  return { Resources };
}

/** Whatever is done in whatever order: Genesys Cloud holds exactly what the stack's last good template asks for. */
export async function anyOrder(runs: number): Promise<void> {
  const property = fc.asyncProperty(
    fc.array(command as fc.Arbitrary<Command>, { minLength: 1, maxLength: 8 }),
    surroundings,
    async (commands, { redelivery, ...around }) => {
      const options = { ...around, redelivery: () => redelivery } as Partial<CloudFormationOptions>;
      await inWorld({ cloudFormation: options }, async (world) => {
        /** The model: what the last operation that succeeded asked for. */
        let model: Wish | undefined;
        for (const one of commands) {
          model = await perform(world, one, model);
          await world.cloudFormation.idle();
          expectNone(compare(world));
          expectNone(compareWithModel(world, model));
        }
        if (world.cloudFormation.living().length > 0) await world.cloudFormation.deleteStack('stack');
        await world.cloudFormation.idle();
        expectNone(compare(world, []));
        expectNone(judge(world));
      });
    },
  );
  await fc.assert(property, { numRuns: runs, endOnFailure: true });
}

async function perform(world: World, command: Command, model: Wish | undefined): Promise<Wish | undefined> {
  const { cloudFormation } = world;
  const stack = cloudFormation.living()[0];
  switch (command.kind) {
    case 'wait':
      world.clock.advance(command.minutes * 60_000);
      world.containers.coolDown();
      return model;
    case 'redeliver': {
      const { requests } = cloudFormation;
      const request = requests[command.which % Math.max(1, requests.length)];
      if (request) await cloudFormation.redeliver(request.event.RequestId);
      return model;
    }
    case 'delete':
      if (stack) await cloudFormation.deleteStack('stack');
      return undefined;
    case 'deploy': {
      // A clean-up and the next deployment are never the same moment.
      world.clock.advance(5_000);
      const template = templateOf(command.wish, world);
      if (stack?.status === 'ROLLBACK_COMPLETE') await cloudFormation.deleteStack('stack');
      const isNew = stack === undefined || stack.status === 'ROLLBACK_COMPLETE';
      const done = isNew
        ? await cloudFormation.createStack('stack', template)
        : await cloudFormation.updateStack('stack', template).catch((error: Error) => {
            if (/No updates/.test(error.message)) return cloudFormation.describe('stack');
            throw error;
          });
      const wanted = command.wish.fails
        ? /^(UPDATE_)?ROLLBACK_COMPLETE$/
        : /^(CREATE|UPDATE)(_ROLLBACK)?_COMPLETE$/;
      if (!wanted.test(done.status)) throw new Error(`${done.status}: ${reasons(done)}`);
      return command.wish.fails ? model : command.wish;
    }
  }
}

function compareWithModel(world: World, model: Wish | undefined): Finding[] {
  const [organization] = world.genesys.state().organizations;
  const actions = (organization?.actions ?? []).map(({ published }) => published);
  const wanted = model?.actions ?? [];
  const findings: Finding[] = [];
  if (actions.length !== wanted.length)
    findings.push({ kind: 'untrue', what: `${actions.length} actions instead of ${wanted.length}` });
  wanted.forEach(({ secure, category }, index) => {
    const there = actions.find((action) => action?.name === `Action ${index}`);
    if (there?.secure !== secure || there.category !== `Category ${category}`)
      findings.push({ kind: 'untrue', what: `Action ${index} is not as asked for` });
  });
  const shared = [world.integrationId, world.webServicesId];
  const integrations = (organization?.integrations ?? []).filter(({ id }) => !shared.includes(id));
  const expected = model?.integration;
  if (integrations.length !== (expected ? 1 : 0))
    findings.push({ kind: 'untrue', what: `${integrations.length} integrations` });
  if (expected && integrations[0]?.config.name !== `Integration ${expected.name}`)
    findings.push({ kind: 'untrue', what: 'the integration is not as asked for' });
  return findings;
}
