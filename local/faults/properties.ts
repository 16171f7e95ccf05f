/**
 * Properties that hold for every input, with fast-check: any JSON as an event, any strings as properties, and
 * any order of operations over several resources against a simple model of what should exist. All of them
 * cover every type that has inputs.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { CustomResourceEvent } from '../cloudformation/events.ts';
import type { CloudFormationOptions, ReplacementRollback } from '../cloudformation/stack.ts';
import type { Template } from '../cloudformation/template.ts';
import { firstInputs, type Input, inWorldOf, types } from '../provider/inputs.ts';
import { ACTION, INTEGRATION, withFailure } from '../provider/stacks.ts';
import { inWorld, only, reasons, type World } from '../provider/world.ts';
import { compare, compareRemote, type Finding, judge } from './verdicts.ts';

const STACK_ID =
  'arn:aws:cloudformation:us-east-1:123456789012:stack/stack/11111111-2222-3333-4444-555555555555';

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

/** Nearly an event: each field may be anything, or missing. */
const nearlyEvent = fc.record(
  {
    RequestType: fc.oneof(fc.constantFrom('Create', 'Update', 'Delete'), anyJson),
    ResourceType: fc.oneof(fc.constantFrom(...types.map(({ type }) => type)), anyJson),
    StackId: fc.oneof(fc.constant(STACK_ID), anyJson),
    RequestId: fc.oneof(fc.uuid(), anyJson),
    LogicalResourceId: fc.oneof(fc.constant('Thing'), anyJson),
    PhysicalResourceId: fc.oneof(fc.constant('nothing-created/1'), fc.string({ maxLength: 2_000 }), anyJson),
    ResourceProperties: anyJson,
    OldResourceProperties: anyJson,
  },
  { requiredKeys: [] },
);

/** Any event is answered by the rules, or refused with an error of the provider's own. */
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
          // The answer repeats the event's own address, so a wrong address is no fault of the answer.
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
  // Characters of one byte each, so that the whole body stays below the limit of Genesys Cloud.
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

/** A data action of any strings holds just these, or is refused and leaves nothing. */
export async function anyStrings(runs: number): Promise<void> {
  await inWorld({}, async (world) => {
    const property = fc.asyncProperty(strange, async (properties) => {
      const template = only(ACTION, { IntegrationId: world.integrationId, ...properties });
      const remote = { published: { name: properties.Name, category: properties.Category } };
      await createAndDelete(world, template, { properties: {}, remote });
    });
    await fc.assert(property, { numRuns: runs, endOnFailure: true });
    if (Object.hasOwn(Object.prototype, 'Name')) throw new Error('a prototype was polluted');
  });
}

/** Paths of all strings in a value. */
function textsIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value === 'string') return [path];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => textsIn(part, [...path, name]));
}

/** The value with other strings at some paths. */
function withTexts(value: unknown, texts: readonly (readonly [path: string[], text: string])[]): unknown {
  const copy = structuredClone(value);
  for (const [path, text] of texts) {
    const last = path.at(-1) ?? '';
    let parent = copy as Record<string, unknown>;
    for (const name of path.slice(0, -1)) parent = parent[name] as Record<string, unknown>;
    parent[last] = text;
  }
  return copy;
}

/** First inputs of any type, with any strings in place of one to three of theirs. */
const alteredInputs = fc.constantFrom(...types.map(({ type }) => type)).chain((type) => {
  const { properties } = firstInputs(type).create;
  const texts = fc.array(fc.tuple(fc.constantFrom(...textsIn(properties)), anyText), {
    minLength: 1,
    maxLength: 3,
  });
  return texts.map((some) => ({ type, properties: withTexts(properties, some) as Record<string, unknown> }));
});

/** A resource of any type with any strings in its properties is made or refused, and leaves nothing. */
export async function anyStringsOfAnyType(runs: number): Promise<void> {
  await inWorld({}, async (world) => {
    const property = fc.asyncProperty(alteredInputs, async ({ type, properties }) => {
      await createAndDelete(world, only(type, inWorldOf(properties, world)), { properties: {} });
    });
    await fc.assert(property, { numRuns: runs, endOnFailure: true });
  });
}

let stacks = 0;

/** Creates a stack of one resource, which may be refused, and deletes it. Nothing may be left of it. */
async function createAndDelete(world: World, template: Template, expected: Input): Promise<void> {
  stacks += 1;
  const name = `stack${stacks}`;
  const stack = await world.cloudFormation.createStack(name, template);
  if (stack.status === 'CREATE_COMPLETE') {
    expectNone(compareRemote(world, stack.resources['Thing']?.physicalId ?? '', expected));
  } else if (stack.status !== 'ROLLBACK_COMPLETE') {
    throw new Error(`${stack.status}: ${reasons(stack)}`);
  }
  if (/unexpectedly|at .*\.ts:\d+/.test(reasons(stack))) throw new Error(reasons(stack));
  await world.cloudFormation.deleteStack(name);
  expectNone(compare(world));
  expectNone(judge(world));
}

// ---- any order of operations, against a model

/** The content of a template of the model. */
interface Wish {
  /** By logical id: the inputs of the resource, or nothing where the template does not have it. */
  resources: Record<string, Input | undefined>;
  /** Another resource fails after all others. */
  fails: boolean;
}

/** A resource that a template may have, and the inputs that it may have there. */
interface Slot {
  type: string;
  logicalId: string;
  forms: Input[];
}

/** Two resources of each type; one of a type whose objects have no name to be told apart by. */
const slots: Slot[] = types.flatMap(({ type, inputs }) => {
  const forms = inputs.flatMap(({ create, update, replace }) => [
    create,
    update,
    ...(replace ? [replace] : []),
  ]);
  const hasName = typeof firstInputs(type).create.properties['Name'] === 'string';
  return Array.from({ length: hasName ? 2 : 1 }, (_, index) => {
    const logicalId = `${type.replace('Custom::', '')}${index + 1}`;
    return { type, logicalId, forms: forms.map((form) => withOwnName(form, logicalId)) };
  });
});

/** The same inputs under a name that no other resource of the stack has. */
function withOwnName(input: Input, logicalId: string): Input {
  const { Name } = input.properties;
  if (typeof Name !== 'string') return input;
  const own = JSON.stringify(`${Name} ${logicalId}`);
  return JSON.parse(JSON.stringify(input).replaceAll(JSON.stringify(Name), own)) as Input;
}

const wish: fc.Arbitrary<Wish> = fc.record({
  resources: fc.record(
    Object.fromEntries(
      slots.map(({ logicalId, forms }) => [
        logicalId,
        fc.option(fc.constantFrom(...forms), { nil: undefined }),
      ]),
    ),
  ),
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

/** The stack's own integration for functions, if it has one: data actions hang on it by reference. */
const ownIntegration = ({ resources }: Wish): string | undefined =>
  slots.find(({ type, logicalId }) => {
    const input = resources[logicalId];
    return type === INTEGRATION && input !== undefined && input.properties['IntegrationType'] === undefined;
  })?.logicalId;

/**
 * Fills `{{integrationId}}` in with `own`, where there is one, and everything else with what this world has.
 */
function filled<T>(value: T, world: World, own: unknown): T {
  const text = JSON.stringify(value);
  const withOwn = own === undefined ? text : text.replaceAll('"{{integrationId}}"', JSON.stringify(own));
  return inWorldOf(JSON.parse(withOwn) as T, world);
}

function templateOf(wanted: Wish, world: World): Template {
  const own = ownIntegration(wanted);
  const reference = own === undefined ? undefined : { Ref: own };
  const Resources: Template['Resources'] = {};
  for (const { type, logicalId } of slots) {
    const input = wanted.resources[logicalId];
    if (input) Resources[logicalId] = { Type: type, Properties: filled(input.properties, world, reference) };
  }
  return wanted.fails ? withFailure({ Resources }) : { Resources };
}

/**
 * After any operations in any order Genesys Cloud holds exactly what the stack's last good template asks for.
 */
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
      // In reality some seconds lie between a clean-up and the next deployment.
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
  if (model === undefined) return [];
  const resources = world.cloudFormation.living()[0]?.resources ?? {};
  const idOf = (logicalId: string) => resources[logicalId]?.physicalId ?? '';
  const integration = ownIntegration(model);
  const own = integration === undefined ? undefined : idOf(integration);
  return Object.entries(model.resources).flatMap(([logicalId, input]) =>
    input ? compareRemote(world, idOf(logicalId), filled(input, world, own)) : [],
  );
}
